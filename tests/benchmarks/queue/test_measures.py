import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.queue import latency, throughput
from benchmarks.queue.noop import MARK, NoOp, registry
from benchmarks.queue.pictures import MIME_TYPES, PHOTO, SMALL, picture
from benchmarks.queue.processes import NotStarted, children, processor_seconds, running
from steps.contract import Context, Item, Part
from steps.environment import Environment
from steps.imaging.header import inspect
from steps.imaging.limits import Limits
from steps.run import run


@pytest.mark.parametrize(("kind", "kilobytes"), [(SMALL, 20), (PHOTO, 200)])
def test_every_picture_has_bytes_of_its_own_and_the_size_that_its_name_says(
    kind: str, kilobytes: int
) -> None:
    first, second = picture(kind, 1), picture(kind, 2)
    assert first != second
    assert len(first) == pytest.approx(1000 * kilobytes, rel=0.1)
    assert inspect(first, limits=Limits()).mime_type == MIME_TYPES[kind]


@pytest.mark.parametrize("kind", [SMALL, PHOTO])
def test_the_copy_is_a_picture_and_no_file_that_is_stored_already(kind: str) -> None:
    source = Part(content=picture(kind, 7), mime_type=MIME_TYPES[kind], id="1")
    context = Context(environment=Environment.from_env())
    made = run(registry().get(NoOp.name), Item(parts=(source,)), {}, context).parts[0]
    assert made.content == picture(kind, 7) + MARK
    assert inspect(made.content, limits=Limits()).mime_type == MIME_TYPES[kind]


def test_percentiles_are_those_of_the_durations() -> None:
    found = latency.summary([float(each) for each in range(101)])
    assert (found.p50, found.p99) == (50, 99)


def test_the_calls_that_warm_up_do_not_count() -> None:
    called: list[int] = []
    latency.timed(called.append, 5)
    assert called == list(range(latency.WARM_UP + 5))


def test_the_seconds_of_a_job_are_those_between_its_begin_and_its_end() -> None:
    job = {"startedAt": "2026-01-01T00:00:01.500Z", "finishedAt": "2026-01-01T00:00:04Z"}
    assert throughput.worked(job) == 2.5


def test_a_process_is_given_once_it_is_ready_and_ended_with_its_children(tmp_path: Path) -> None:
    child = "import time; time.sleep(60)"
    program = (
        "import subprocess, sys, time\n"
        f"subprocess.Popen([sys.executable, '-c', {child!r}])\n"
        "print('ready', flush=True)\n"
        "time.sleep(60)\n"
    )
    log = tmp_path / "it.log"
    with running((sys.executable, "-c", program), log, ready=["ready"]) as pid:
        (beside,) = children(pid)
        assert processor_seconds([pid]) >= 0
    left = subprocess.run(
        ["ps", "-o", "stat=", "-p", f"{pid},{beside}"], capture_output=True, check=False, text=True
    )
    assert all(state.startswith("Z") for state in left.stdout.split())


def test_a_process_that_ends_before_it_is_ready_says_why(tmp_path: Path) -> None:
    command = (sys.executable, "-c", "raise SystemExit('no such thing')")
    with (
        pytest.raises(NotStarted, match="no such thing"),
        running(command, tmp_path / "it.log", ready=["ready"]),
    ):
        pass
