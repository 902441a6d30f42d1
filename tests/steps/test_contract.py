import pytest
from pydantic import ValidationError

from steps.contract import Context, Item, Parameters, Part, PartType, Role
from steps.errors import Cancelled


def test_unknown_fields_are_refused() -> None:
    with pytest.raises(ValidationError, match="sed"):
        Parameters.model_validate({"sed": 1})


def test_progress_is_clipped_and_scaled_into_its_span() -> None:
    seen: list[tuple[float, str]] = []
    context = Context(on_progress=lambda fraction, message: seen.append((fraction, message)))
    inner = context.span(0.5, 1.0).span(0.0, 0.5)
    inner.progress(0.0, "a")
    inner.progress(0.5, "b")
    inner.progress(7.0, "c")
    assert seen == [(0.5, "a"), (0.625, "b"), (0.75, "c")]


def test_a_cancelled_context_stops_at_the_next_progress() -> None:
    seen: list[float] = []
    context = Context(is_cancelled=lambda: True, on_progress=lambda f, _: seen.append(f))
    with pytest.raises(Cancelled):
        context.span(0.0, 0.5).progress(0.5)
    assert seen == []


def test_phases_of_all_spans_add_up_in_one_place() -> None:
    context = Context()
    with context.span(0, 1).phase("fill"):
        pass
    first = context.timings["fill"]
    with context.phase("fill"):
        pass
    assert context.timings["fill"] > first >= 0


def test_generators_depend_on_seed_and_path_alone() -> None:
    def draw(seed: int, *path: str | int) -> int:
        return int(Context(seed=seed).rng(*path).integers(2**62))

    assert draw(1, "fill", 0) == draw(1, "fill", 0)
    assert (
        len({draw(1, "fill", 0), draw(2, "fill", 0), draw(1, "fill", 1), draw(1, "mask", 0)}) == 4
    )


def test_base_parts_are_those_of_a_role_that_are_worked_on() -> None:
    source = Part(content=b"1")
    carried = Part(content=b"2", type=PartType.META)
    style = Part(content=b"3", role=Role.STYLE)
    item = Item(parts=(source, carried, style))
    assert item.base_parts(Role.SOURCE) == (source,)
    assert item.base_parts(Role.STYLE) == (style,)
    assert item.base_parts(Role.MASK) == ()
