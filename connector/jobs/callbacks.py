"""What a job's owner is told by webhook: written with the change of state, sent by another process."""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert

from connector.jobs.ids import new_id
from connector.jobs.model import Rules
from connector.jobs.states import Status
from connector.jobs.tables import deliveries


def enqueue(tx: Connection, job: Any, status: Status, now: float, rules: Rules) -> None:
    """Write the delivery that is due when a job comes to a state, if its owner asked for that event.

    It stands in the transaction of the change itself, so that no crash can come between the two.
    """
    kind = f"job.{status.lower()}"
    if job.callback_url is None or kind not in job.callback_events:
        return
    tx.execute(
        insert(deliveries).values(
            id=f"msg_{new_id()}",
            client_id=job.client_id,
            job_id=job.id,
            type=kind,
            url=job.callback_url,
            body=_body(job, kind, now, rules),
            status="PENDING",
            attempts=0,
            next_at=now,
            lease_until=0.0,
            created_at=now,
        )
    )


def _body(job: Any, kind: str, now: float, rules: Rules) -> str:
    link = f"{rules.public_url}/v1/jobs/{job.id}"
    return json.dumps(
        {
            "type": kind,
            "timestamp": datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds"),
            "data": {
                "id": job.id,
                "status": str(job.status),
                "counts": {
                    "queued": job.queued,
                    "running": job.running,
                    "finished": job.finished,
                    "failed": job.failed,
                    "cancelled": job.cancelled,
                },
                "correlation": job.correlation,
                "traceId": job.trace_id,
                "error": job.error_code and {"code": job.error_code, "detail": job.error_detail},
                "links": {
                    "self": link,
                    "items": f"{link}/items",
                    "results": f"{link}/results.zip",
                },
            },
        },
        separators=(",", ":"),
    )
