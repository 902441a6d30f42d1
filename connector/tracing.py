"""OpenTelemetry, by a setting: one trace from the HTTP call to the step, joined by the job's row.

Without `otlp_endpoint` nothing here does anything, and the packages (extra `otel`) are not imported,
which is why the imports stand inside.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from connector.jobs.model import Claim
from connector.version import VERSION

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider

_state: dict[str, "TracerProvider"] = {}
"""Under "provider" once tracing is on."""


def start(endpoint: str, service: str) -> None:
    """Send the spans of this process to a collector from now on; does nothing without an endpoint.

    Args:
        endpoint: OTLP over HTTP, e.g. "http://collector:4318".
        service: name of the process in traces, e.g. "retusche-worker".

    Raises:
        ValueError: the packages are not installed.
    """
    if not endpoint:
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError as error:
        raise ValueError(
            "RETUSCHE_OTLP_ENDPOINT needs the extra otel: pip install 'retusche[otel]'"
        ) from error
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
    use(BatchSpanProcessor(exporter), service)


def use(processor: "SpanProcessor", service: str) -> None:
    """Give the spans of this process to a processor of one's own."""
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415

    stop()
    resource = Resource.create({"service.name": service, "service.version": VERSION})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(processor)
    _state["provider"] = provider


def stop() -> None:
    """Send what is left, and trace no more."""
    provider = _state.pop("provider", None)
    if provider is not None:
        provider.shutdown()


@contextmanager
def http_span(
    name: str, parent: str | None, attributes: Mapping[str, str | int] | None = None
) -> Iterator[str | None]:
    """Trace an HTTP call.

    Args:
        name: e.g. "POST /v1/jobs".
        parent: the caller's `traceparent` header.
        attributes: by the names of OpenTelemetry's conventions.

    Yields:
        What `job.trace_parent` is to hold: the `traceparent` of this span; the caller's where tracing is off.
    """
    with _span(name, parent, "SERVER", attributes or {}) as mine:
        yield mine


@contextmanager
def item_span(held: Claim) -> Iterator[None]:
    """Trace one attempt at an item, under the call that made its job."""
    attributes = {
        "retusche.job": held.job_id,
        "retusche.item": held.name,
        "retusche.attempt": held.attempt,
        "retusche.steps": ",".join(call.step for call in held.steps),
    }
    with _span("item", held.trace_parent, "CONSUMER", attributes):
        yield


@contextmanager
def _span(
    name: str, parent: str | None, kind: str, attributes: Mapping[str, Any]
) -> Iterator[str | None]:
    provider = _state.get("provider")
    if provider is None:
        yield parent
        return
    from opentelemetry.trace import SpanKind  # noqa: PLC0415
    from opentelemetry.trace.propagation import tracecontext  # noqa: PLC0415

    propagator = tracecontext.TraceContextTextMapPropagator()
    above = propagator.extract({"traceparent": parent} if parent else {})
    tracer = provider.get_tracer("retusche", VERSION)
    with tracer.start_as_current_span(
        name, context=above, kind=SpanKind[kind], attributes=attributes
    ):
        mine: dict[str, str] = {}
        propagator.inject(mine)
        yield mine.get("traceparent")
