import hashlib
import io
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from steps import registry
from steps.contract import Context, Item, Part, PartType, Role
from steps.errors import (
    Cancelled,
    ImageUndecodable,
    InvalidItem,
    InvalidParameters,
    OutOfMemory,
    StepFailed,
    UnknownStep,
)
from steps.run import run_step
from steps.validation import pointer
from tests.invert import Invert, png


@pytest.fixture(autouse=True)
def only_invert(monkeypatch: pytest.MonkeyPatch) -> None:
    found = registry.build(["tests.invert:Invert"])
    monkeypatch.setattr(registry, "steps", lambda: found)


def picture(content: bytes | None = None) -> Item:
    return Item(parts=(Part(content=png() if content is None else content, filename="a.png"),))


def test_the_report_is_completed() -> None:
    result = run_step("invert", picture(), {"seed": 7, "strength": 0.5}, Context(seed=1))
    report = result.report
    assert report.seed == 7
    assert report.parameters["strength"] == 0.5
    assert report.parameters["onError"] == "raise"
    assert report.inputs == {"source": hashlib.sha256(png()).hexdigest()}
    assert set(report.timings) == {"decode", "total"}
    assert 0 < report.timings["decode"] <= report.timings["total"]


def test_the_step_really_ran() -> None:
    result = run_step("invert", picture(), {}, Context())
    content = result.parts[0].content
    assert isinstance(content, bytes)
    assert np.array(Image.open(io.BytesIO(content)))[0, 0].tolist() == [0xDF, 0xBF, 0x9F]


def test_timings_do_not_add_up_over_runs() -> None:
    context = Context(timings={"decode": 100.0})
    assert run_step("invert", picture(), {}, context).report.timings["decode"] < 100
    assert context.timings == {"decode": 100.0}


def test_an_unknown_step_lists_the_known_ones() -> None:
    with pytest.raises(UnknownStep, match="'inwert'; known steps: invert"):
        run_step("inwert", picture(), {}, Context())


@pytest.mark.parametrize(
    ("given", "where", "says"),
    [
        ({"strength": 1.5}, "/strength", "less than or equal to 1; given: 1.5"),
        ({"onError": "ignore"}, "/onError", "'raise', 'crash' or 'memory'; given: 'ignore'"),
        ({"limits": {"a/b": 3}}, "/limits/a~1b", "less than 1"),
        ({"areas": [{"rectangle": [0, 0, 1]}]}, "/areas/0/rectangle/3", "required"),
        ({"streng": 1}, "/streng", "no parameter 'streng'; known: seed, areas, channels, limits"),
        ({"seed": "x" * 999}, "/seed", "x…"),
    ],
)
def test_a_wrong_parameter_is_named(given: dict[str, Any], where: str, says: str) -> None:
    with pytest.raises(InvalidParameters) as caught:
        run_step("invert", picture(), given, Context())
    assert caught.value.pointer == where
    assert [path for path, _ in caught.value.errors] == [where]
    assert says in caught.value.detail
    assert len(caught.value.detail) < 300


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(InvalidParameters) as caught:
        run_step("invert", picture(), {"strength": 9, "seed": -1}, Context())
    assert {path for path, _ in caught.value.errors} == {"/strength", "/seed"}


def test_both_spellings_are_taken() -> None:
    for name in ("onError", "on_error"):
        report = run_step("invert", picture(), {name: "crash"}, Context()).report
        assert report.parameters["onError"] == "crash"


def test_a_missing_source_is_refused() -> None:
    meta = replace(picture().parts[0], type=PartType.META)
    with pytest.raises(InvalidItem, match="needs a part of role 'source': the picture to work on"):
        run_step("invert", Item(parts=(meta,)), {}, Context())


def test_a_role_that_the_step_does_not_take_is_refused() -> None:
    style = Part(content=b"", role=Role.STYLE, filename="van-gogh.jpg")
    with pytest.raises(
        InvalidItem, match="takes no part of role 'style'; it takes: source"
    ) as caught:
        run_step("invert", Item(parts=(*picture().parts, style)), {}, Context())
    assert caught.value.pointer == "van-gogh.jpg"


def test_a_meta_part_of_any_role_travels_along() -> None:
    style = Part(content=b"", role=Role.STYLE, type=PartType.META)
    run_step("invert", Item(parts=(*picture().parts, style)), {}, Context())


def test_a_steps_own_error_passes() -> None:
    with pytest.raises(ImageUndecodable):
        run_step("invert", picture(b"no picture"), {}, Context())


def test_an_unexpected_error_becomes_step_failed_with_its_cause() -> None:
    with pytest.raises(StepFailed, match="ValueError: something odd") as caught:
        run_step("invert", picture(b"no picture"), {"onError": "crash"}, Context())
    assert isinstance(caught.value.__cause__, ValueError)


def test_memory_errors_are_retryable() -> None:
    with pytest.raises(OutOfMemory, match="12 GB") as caught:
        run_step("invert", picture(b"no picture"), {"onError": "memory"}, Context())
    assert caught.value.retryable


def test_opencvs_memory_error_counts_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    import cv2

    def greedy(*_: object) -> None:
        cv2.resize(np.zeros((2, 2), np.uint8), (2**30, 2**30))

    monkeypatch.setattr(Invert, "_decode", staticmethod(greedy))
    with pytest.raises(OutOfMemory):
        run_step("invert", picture(), {}, Context())


def test_work_that_was_cancelled_before_is_not_begun() -> None:
    with pytest.raises(Cancelled):
        run_step("invert", picture(b"no picture"), {}, Context(is_cancelled=lambda: True))


def test_pointers_escape() -> None:
    assert pointer(("a~b", 0, "c/d")) == "/a~0b/0/c~1d"
    assert pointer(("limits", "x", "[key]")) == "/limits/x"
    assert pointer(()) == ""
