"""Several steps on one item: what passes decoded, what is kept, what a failure does."""

import io
from collections.abc import Iterable
from pathlib import Path

import pytest
from PIL import Image

from connector.jobs.model import StepCall
from connector.work.chain import ChainResult, run_chain
from steps import errors
from steps.contract import (
    Context,
    Item,
    Output,
    Parameters,
    Part,
    PartType,
    Report,
    Role,
    Step,
    StepResult,
)
from steps.environment import Environment
from tests.connector.work import steps
from tests.connector.work.conftest import Act
from tests.invert import png

REGISTRY = steps.registry()


def brighten(by: int = 10, *, keep: bool = False) -> StepCall:
    return StepCall(step="brighten", parameters={"by": by}, keep=keep)


def run(calls: Iterable[StepCall], *more: Part, tmp_path: Path, **context: object) -> ChainResult:
    source = Part(content=png(color="#000000"), filename="a.png", id="own")
    chain = [(REGISTRY.get(call.step), call) for call in calls]
    made = Context(environment=Environment(weights_dir=tmp_path), **context)  # type: ignore[arg-type]
    return run_chain(Item(parts=(source, *more), id="photo"), chain, made)


def brightest(part: Part) -> int:
    assert isinstance(part.content, bytes)
    return max(high for _, high in Image.open(io.BytesIO(part.content)).getextrema())  # type: ignore[misc]


def test_pictures_pass_decoded_and_are_encoded_once(tmp_path: Path) -> None:
    made = run([brighten(10), brighten(20), brighten(30)], tmp_path=tmp_path)
    assert [(r["decoded"], r["brightest"]) for r in made.reports] == [
        (False, 0),
        (True, 10),
        (True, 30),
    ]
    (only,) = made.produced
    assert (only.step, brightest(only.part)) == (2, 60)
    assert (only.part.type, only.part.source_part_id) == (PartType.BASE_PART, "own")
    assert made.replaced == {"own"}


def test_an_intermediate_result_is_kept_where_asked(tmp_path: Path) -> None:
    made = run([brighten(10, keep=True), brighten(20)], tmp_path=tmp_path)
    first, last = made.produced
    assert (first.part.type, first.step, brightest(first.part)) == (PartType.META, 0, 10)
    assert (last.part.type, last.step, brightest(last.part)) == (PartType.BASE_PART, 1, 30)
    assert last.part.source_part_id == first.part.id
    assert made.reports[1]["decoded"] is True


def test_the_last_result_is_encoded_as_asked(tmp_path: Path) -> None:
    output = Output(mime_type="image/jpeg", quality=80)
    made = run([brighten(), brighten()], tmp_path=tmp_path, output=output)
    assert made.produced[0].part.mime_type == "image/jpeg"
    assert made.produced[0].part.filename == "a.jpg"


def test_progress_runs_once_from_0_to_1(tmp_path: Path) -> None:
    told: list[float] = []
    run([brighten()] * 4, tmp_path=tmp_path, on_progress=lambda f, _: told.append(f))
    assert told == sorted(told)
    assert [f for f in told if f in (0.125, 0.375, 0.625, 0.875)] == [0.125, 0.375, 0.625, 0.875]


def test_a_failure_fails_the_item(tmp_path: Path, act: Act) -> None:
    act(raising(errors.StepFailed("no")))
    with pytest.raises(errors.StepFailed):
        run([StepCall(step="stub"), brighten()], tmp_path=tmp_path)


def raising(error: Exception) -> "Raising":
    return Raising(error)


class Raising:
    def __init__(self, error: Exception) -> None:
        self.error = error

    def __call__(self, item: Item, context: Context) -> None:
        raise self.error


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_failure_that_is_skipped_goes_on_with_what_the_step_was_given(
    place: int, tmp_path: Path, act: Act
) -> None:
    act(raising(errors.StepFailed("not today")))
    chain = [brighten(10), brighten(20)]
    chain.insert(place, StepCall(step="stub", on_failure="skip"))
    made = run(chain, tmp_path=tmp_path)
    (only,) = made.produced
    assert brightest(only.part) == 30
    skipped = made.reports[place]
    assert skipped["skipped"] is True
    assert skipped["messages"] == [
        {"severity": "error", "code": "step-failed", "text": "not today"}
    ]
    assert only.part.source_part_id == "own"


def test_an_item_of_which_everything_was_skipped_keeps_its_source(tmp_path: Path, act: Act) -> None:
    act(raising(errors.StepFailed("no")))
    made = run([StepCall(step="stub", on_failure="skip")], tmp_path=tmp_path)
    assert (made.produced, made.replaced) == ((), frozenset())


@pytest.mark.parametrize("error", [errors.Cancelled("stop"), errors.OutOfMemory("full")])
def test_some_failures_are_never_skipped(error: Exception, tmp_path: Path, act: Act) -> None:
    act(raising(error))
    with pytest.raises(type(error)):
        run([StepCall(step="stub", on_failure="skip"), brighten()], tmp_path=tmp_path)


def test_a_part_goes_to_the_steps_that_take_its_role(tmp_path: Path, act: Act) -> None:
    seen: list[set[Role]] = []
    act(lambda item, _: seen.append({part.role for part in item.parts}))
    style = Part(content=b"style", role=Role.STYLE, filename="s.png", id="style")
    run([StepCall(step="stub"), StepCall(step="stub")], style, tmp_path=tmp_path)
    assert all(Role.STYLE in roles for roles in seen)
    run([brighten(), brighten()], style, tmp_path=tmp_path)  # which would refuse it


def test_a_single_step_is_told_of_every_part(tmp_path: Path) -> None:
    style = Part(content=b"style", role=Role.STYLE, filename="s.png", id="style")
    with pytest.raises(errors.InvalidItem, match="takes no part of role 'style'"):
        run([brighten()], style, tmp_path=tmp_path)


class Same(Step[Parameters]):
    """Hands back what it was given."""

    name = "same"
    version = "1.0.0"
    title = "Same"
    summary = "Hands back what it was given."
    parameters = Parameters

    def run(self, item: Item, parameters: Parameters, context: Context) -> StepResult:
        report = Report(step=self.name, version=self.version, seed=context.seed)
        return StepResult(parts=item.base_parts(Role.SOURCE), report=report)


def test_a_step_in_the_middle_may_hand_back_what_it_was_given(tmp_path: Path) -> None:
    source = Part(content=png(color="#000000"), filename="a.png", id="own")
    bright, same = REGISTRY.get("brighten"), Same()
    chain = [
        (bright, brighten(10)),
        (same, StepCall(step="same", parameters={})),
        (bright, brighten(20)),
    ]
    context = Context(environment=Environment(weights_dir=tmp_path))
    made = run_chain(Item(parts=(source,), id="photo"), chain, context)
    (only,) = made.produced
    assert brightest(only.part) == 30
    assert only.part.source_part_id == "own"
    assert made.replaced == {"own"}
