"""From rows of the database to what `read` gives."""

from typing import Any

from connector.jobs.states import Status
from connector.jobs.views import ItemError, ItemView, JobView, PartView


def job_view(row: Any, progress: dict[str, float], position: int | None) -> JobView:
    """Return a job; `progress` is of the running items of each job, `position` its place in the queue."""
    return JobView(
        id=row.id,
        kind=row.kind,
        status=Status(row.status),
        priority=row.priority,
        template=row.template,
        steps=tuple(call["step"] for call in row.steps),
        counts={status: int(getattr(row, status.lower())) for status in Status},
        total=row.total,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        expires_at=row.expires_at,
        correlation=row.correlation,
        trace_id=row.trace_id,
        cancel_requested=bool(row.cancel_requested),
        error_code=row.error_code,
        error_detail=row.error_detail,
        running_progress=progress.get(row.id, 0.0),
        queue_position=position,
    )


def item_view(row: Any, its_parts: list[PartView]) -> ItemView:
    """Return an item with its parts."""
    error = None
    if row.error_code is not None:
        fields = tuple((pointer, detail) for pointer, detail in row.error_fields or ())
        error = ItemError(
            code=row.error_code,
            detail=row.error_detail or "",
            pointer=row.error_pointer,
            fields=fields,
        )
    return ItemView(
        id=row.id,
        ordinal=row.ordinal,
        name=row.name,
        status=Status(row.status),
        progress=row.progress,
        phase=row.phase,
        attempt=row.attempt,
        started_at=row.started_at,
        finished_at=row.finished_at,
        error=error,
        index_data=row.index_data,
        processing_properties=row.processing_properties,
        reports=tuple(row.reports or ()),
        parts=tuple(its_parts),
    )


def part_view(row: Any, job_id: str) -> PartView:
    """Return a part; its row does not name its job."""
    return PartView(
        id=row.id,
        item_id=row.item_id,
        job_id=job_id,
        step=row.step,
        type=row.type,
        role=row.role,
        filename=row.filename,
        mime_type=row.mime_type,
        url=row.url,
        sha256=row.sha256,
        size_bytes=row.size_bytes,
        width=row.width,
        height=row.height,
        source_part_id=row.source_part_id,
    )
