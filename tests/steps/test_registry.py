from importlib.metadata import EntryPoint

import pytest

from steps.contract import Context, Item, Parameters, Report, Step, StepResult
from steps.errors import UnknownStep
from steps.registry import DuplicateStep, Registry, build


class Nothing(Step[Parameters]):
    name = "nothing"
    version = "1.0.0"
    title = "Nothing"
    summary = "Gives the item back."
    parameters = Parameters

    def run(self, item: Item, parameters: Parameters, context: Context) -> StepResult:
        report = Report(step=self.name, version=self.version, seed=context.seed)
        return StepResult(parts=item.parts, report=report)


class NotAStep:
    pass


def test_a_step_is_found_by_its_name() -> None:
    registry = Registry()
    registry.add(Nothing())
    assert isinstance(registry.get("nothing"), Nothing)
    assert [s.name for s in registry.all()] == ["nothing"]


def test_a_duplicate_name_raises_and_leaves_the_registry_unchanged() -> None:
    registry = Registry()
    first = Nothing()
    registry.add(first)
    with pytest.raises(DuplicateStep, match="nothing"):
        registry.add(Nothing())
    assert registry.all() == (first,)


def test_an_unknown_step_is_named_together_with_the_known_ones() -> None:
    registry = Registry()
    registry.add(Nothing())
    with pytest.raises(UnknownStep, match=r"'nothng'.*known steps: nothing"):
        registry.get("nothng")


def test_steps_of_others_join_by_entry_point() -> None:
    plugin = EntryPoint("nothing", f"{__name__}:Nothing", "retusche.steps")
    assert [s.name for s in build(built_in=(), plugins=[plugin]).all()] == ["nothing"]


def test_an_entry_point_that_is_not_a_step_is_refused_by_name() -> None:
    plugin = EntryPoint("wrong", f"{__name__}:NotAStep", "retusche.steps")
    with pytest.raises(TypeError, match="'wrong'"):
        build(built_in=(), plugins=[plugin])
