"""From a job as its caller wrote it to a job that waits for a worker."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from connector import logs
from connector.fetch import SourceUnreachable
from connector.fetch.targets import Target
from connector.jobs.create import Created, IdempotencyKey
from connector.jobs.ids import new_id
from connector.jobs.model import NewJob
from connector.jobs.templates import Template
from connector.output import OutputOptions, as_json
from connector.service import Service
from connector.submit.chain import Chain, chain_of
from connector.submit.items import ItemReader
from connector.submit.job import create_job
from connector.submit.rejected import Rejected, at
from connector.submit.requests import JobHead
from connector.submit.shelf import Shelf
from steps import validation
from steps.errors import InvalidParameters


def submit(
    service: Service,
    client_id: str,
    given: dict[str, Any],
    *,
    bases: tuple[str, ...],
    key: IdempotencyKey | None = None,
    trace_parent: str | None = None,
    also: Callable[[Connection, str], object] | None = None,
) -> Created:
    """Check a job, store what came with it, create it, and wake workers. Not for the event loop.

    Args:
        service: of this installation.
        client_id: whose job it is.
        given: as `JobRequest` describes it, parsed and not validated; it is emptied on the way.
        bases: addresses under which the caller knows this service.
        key: the caller's idempotency key.
        trace_parent: W3C trace context of the request.
        also: what else is written in the job's own transaction, given its id.

    Raises:
        Rejected: the request is at fault, with the fields.
        KeyReused, QueueFull: as `create`.
        StorageError, DatabaseUnavailable: it could not be stored.
    """
    items = given.pop("items", None)
    head = _head(given)
    chain, template = chain_of(head, service.templates, service.registry)
    _check_callback(head, service)
    _check_items(items, service.settings.max_items)
    shelf = Shelf(service.database, service.files, client_id, service.now())
    try:
        reader = ItemReader(chain, shelf, bases, service.policy)
        return create_job(
            service.database,
            service.doorbell,
            shelf,
            _job(service, client_id, head, chain, template, trace_parent),
            reader.read(items),
            service.rules,
            key=key,
            max_queued=service.settings.max_queued,
            also=also,
        )
    except Exception:
        shelf.give_up()
        raise


def _head(given: dict[str, Any]) -> JobHead:
    try:
        return validation.validate(JobHead, given)
    except InvalidParameters as error:
        raise Rejected("request-invalid", error.detail, errors=error.errors) from None


def _check_callback(head: JobHead, service: Service) -> None:
    if head.callback is None:
        return
    try:
        service.callback_policy.admit(Target.parse(head.callback.url))
    except SourceUnreachable as error:
        raise at("/callback/url", error.detail) from None


def _check_items(items: object, most: int) -> None:
    if not isinstance(items, list) or not items:
        raise at("/items", "a list with at least one item is needed")
    if len(items) > most:
        detail = f"the job has {len(items):,} items; accepted: {most:,} at most"
        raise Rejected("too-many-items", detail, errors=(("/items", detail),))


def _job(
    service: Service,
    client_id: str,
    head: JobHead,
    chain: Chain,
    template: Template | None,
    trace_parent: str | None,
) -> NewJob:
    output = head.output or (template.output if template else OutputOptions())
    priority = head.priority
    if priority is None:
        priority = template.priority if template else 0
    return NewJob(
        id=new_id(),
        client_id=client_id,
        steps=chain.calls,
        queue=service.settings.queue_of(chain.names),
        priority=priority,
        template=head.template,
        output=as_json(output.output()),
        correlation=head.correlation,
        trace_id=logs.trace_id.get(),
        trace_parent=trace_parent,
        callback_url=head.callback.url if head.callback else None,
        callback_events=head.callback.events if head.callback else (),
        deadline_seconds=head.deadline_seconds,
    )
