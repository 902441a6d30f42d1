"""One trace from the call to the step."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from connector import tracing
from tests.connector.work.test_heart import claim

CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    tracing.use(SimpleSpanProcessor(exporter), "retusche-test")
    yield exporter
    tracing.stop()


def test_the_steps_span_hangs_under_the_calls_across_processes(
    spans: InMemorySpanExporter,
) -> None:
    with tracing.http_span("POST /v1/jobs", CALLER, {"http.request.method": "POST"}) as parent:
        pass
    held = claim()
    object.__setattr__(held, "trace_parent", parent)  # as the job's row carried it to the worker
    with tracing.item_span(held):
        pass
    call, item = spans.get_finished_spans()
    assert format(call.context.trace_id, "032x") == "0af7651916cd43dd8448eb211c80319c"
    assert item.context.trace_id == call.context.trace_id
    assert item.parent is not None
    assert item.parent.span_id == call.context.span_id
    assert item.attributes is not None
    assert item.attributes["retusche.attempt"] == 1
    assert call.resource.attributes["service.name"] == "retusche-test"


def test_a_call_without_a_trace_begins_one(spans: InMemorySpanExporter) -> None:
    with tracing.http_span("GET /", None) as parent:
        assert parent is not None
    assert spans.get_finished_spans()[0].parent is None


def test_without_an_endpoint_the_callers_trace_is_passed_on() -> None:
    tracing.start("", "retusche-test")
    with tracing.http_span("GET /", CALLER) as parent:
        assert parent == CALLER
    with tracing.item_span(claim()):
        pass


def test_without_an_endpoint_the_packages_are_not_imported() -> None:
    code = (
        "import sys; from connector import tracing; tracing.start('', 'x')\n"
        "with tracing.http_span('x', None): pass\n"
        "print([m for m in sys.modules if m.startswith('opentelemetry.sdk')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr


def test_an_endpoint_without_the_packages_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name = "opentelemetry.exporter.otlp.proto.http.trace_exporter"
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ValueError, match=r"pip install 'retusche\[otel\]'"):
        tracing.start("http://127.0.0.1:4318", "retusche-test")
