"""From a claim to a result whose files are stored: everything of an attempt but its last write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.jobs import filed
from connector.jobs.model import Claim, ClaimedPart
from connector.work import reuse
from connector.work.chain import ChainResult, run_chain
from connector.work.made import Result, made_parts
from steps.contract import Context, Item, Output, Part, PartType, Role

if TYPE_CHECKING:
    from connector.work.attempt import Workplace


def make(place: Workplace, held: Claim) -> Result:
    """Load an item's parts, run its chain, store what that made; or find an earlier result of the same.

    Raises:
        StepError: a step, or the fetch of a part, failed, or was stopped.
        StorageError, DatabaseUnavailable: bytes or rows could not be read or written.
    """
    steps = [(place.registry.get(call.step), call) for call in held.steps]
    parts = tuple(_loaded(place, part) for part in held.parts)
    item = Item(
        parts=parts,
        id=held.name,
        index_data=held.index_data,
        processing_properties=held.processing_properties,
    )
    output = _output(held)
    own = tuple(part.id for part in parts)
    key: str | None = None
    if place.reuse_results:
        key = wanted = reuse.key_of(item, steps, output, place.environment)
        kept = place.database.write(
            lambda tx: reuse.find(tx, wanted, own, place.now(), place.rules)
        )
        if kept is not None:
            return kept
    context = Context(
        environment=place.environment,
        output=output,
        on_progress=place.heart.report,
        is_cancelled=place.heart.is_stopped,
    )
    return _stored(place, held, run_chain(item, steps, context), own, key)


def _output(held: Claim) -> Output:
    mime_type, quality = held.output.get("mimeType"), held.output.get("quality")
    return Output(
        mime_type=mime_type if isinstance(mime_type, str) else None,
        quality=quality if isinstance(quality, int) else None,
    )


def _loaded(place: Workplace, part: ClaimedPart) -> Part:
    stored = part.sha256
    stop = place.heart.is_stopped
    content = place.fetch(part, stop) if stored is None else place.files.read(stored)
    return Part(
        content=content,
        filename=part.filename,
        mime_type=part.mime_type,
        type=PartType(part.type),
        role=Role(part.role),
        id=part.id,
    )


def _stored(
    place: Workplace, held: Claim, made: ChainResult, own: tuple[str, ...], key: str | None
) -> Result:
    """Write the files; their rows come first, so that no bytes are ever unknown."""
    now = place.now()
    parts, contents = made_parts(made.produced)
    # A source that comes back unchanged (nobody was found in it) is there: it was read just now.
    there = {part.sha256 for part in held.parts}
    new = {sha256: content for sha256, content in contents.items() if sha256 not in there}
    if new:
        known = [filed.Filed(sha256=each, size_bytes=len(new[each])) for each in new]
        place.database.write_singly(lambda tx: filed.touch(tx, known, now))
        for content in new.values():
            place.files.put(content)
    return Result(
        parts=parts,
        replaced=made.replaced,
        reports=made.reports,
        touched_at=now,
        own=own,
        reuse_key=key,
    )
