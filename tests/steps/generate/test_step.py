"""What "generate" promises, by the stub; the true models are in tests/steps/backends/diffusion."""

from dataclasses import replace

import pytest

from steps.contract import Context, Item, Output, Part, PartType, StepResult
from steps.environment import Environment
from steps.errors import BackendUnavailable, Cancelled, InvalidItem, InvalidParameters
from steps.generate import GenerateReport
from steps.imaging.decode import decode
from steps.imaging.document import Pixels
from steps.imaging.limits import Limits
from steps.run import run_step

CALL: dict[str, object] = {"prompt": "a garden", "backend": "stub", "width": 80, "height": 64}


def generate(
    context: Context | None = None, /, **parameters: object
) -> tuple[StepResult, GenerateReport]:
    result = run_step("generate", Item(parts=()), {**CALL, **parameters}, context or Context())
    assert isinstance(result.report, GenerateReport)
    return result, result.report


def pixels_of(part: Part) -> Pixels:
    assert isinstance(part.content, bytes)
    return decode(part.content).pages[0].pixels


def test_each_variation_has_a_seed_of_its_own_that_gives_it_again() -> None:
    result, report = generate(seed=7, count=3)
    assert [(one.number, one.seed) for one in report.pictures] == [(1, 7), (2, 8), (3, 9)]
    assert [part.filename for part in result.parts] == ["1.png", "2.png", "3.png"]
    assert len({part.content for part in result.parts}) == 3
    again, _ = generate(seed=8)
    assert again.parts[0].content == result.parts[1].content


def test_seeds_start_over_behind_the_last_one() -> None:
    _, report = generate(seed=2**32 - 1, count=2)
    assert [one.seed for one in report.pictures] == [2**32 - 1, 0]


def test_results_are_pngs_of_the_size_that_is_asked_for_unless_the_output_says_otherwise() -> None:
    (part,) = generate()[0].parts
    assert (part.mime_type, part.type, part.source_part_id) == (
        "image/png",
        PartType.BASE_PART,
        None,
    )
    assert pixels_of(part).shape == (64, 80, 3)
    (jpeg,) = generate(Context(output=Output(mime_type="image/jpeg")))[0].parts
    assert (jpeg.mime_type, jpeg.filename) == ("image/jpeg", "1.jpg")


def test_refining_and_upscaling_make_it_larger() -> None:
    result, report = generate(refine=0.3, refineScale=1.5, upscale=2)
    assert pixels_of(result.parts[0]).shape == (192, 240, 3)
    assert (report.pictures[0].width, report.pictures[0].height) == (240, 192)
    assert {"paint", "refine", "upscale", "total"} <= set(report.timings)
    assert [used.capability for used in report.backends] == ["diffusion", "upscaling"]


def test_every_word_counts() -> None:
    results = [
        generate(**words)[0].parts[0].content
        for words in ({}, {"prompt": "a house"}, {"negativePrompt": "a house"})
    ]
    assert len(set(results)) == 3


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"prompt": ""}, "/prompt"),
        ({"width": 63}, "/width"),
        ({"count": 17}, "/count"),
        ({"refine": 1}, "/refine"),
    ],
)
def test_a_wrong_value_is_named(wrong: dict[str, object], pointer: str) -> None:
    with pytest.raises(InvalidParameters) as caught:
        generate(**wrong)
    assert caught.value.pointer == pointer


def test_a_result_over_the_limits_is_refused_before_the_work() -> None:
    environment = replace(Environment.from_env(), limits=Limits(max_pixels=10_000))
    with pytest.raises(InvalidParameters, match="20,480 px each; at most 10,000") as caught:
        generate(Context(environment=environment), upscale=2)
    assert caught.value.pointer == "/upscale"


def test_a_picture_is_not_taken() -> None:
    item = Item(parts=(Part(content=b"", filename="a.png"),))
    with pytest.raises(InvalidItem, match=r"a\.png|takes no part"):
        run_step("generate", item, CALL, Context())


def test_without_a_model_the_error_says_how_to_get_one() -> None:
    environment = replace(Environment.from_env(), offline=True)
    with pytest.raises(BackendUnavailable, match=r"retusche\[gpu\]|retusche models pull"):
        generate(Context(environment=environment), backend="diffusers")


def test_a_cancel_ends_it_between_two_pictures() -> None:
    seen: list[float] = []

    def cancelled() -> bool:
        return len(seen) > 4

    context = Context(on_progress=lambda share, _: seen.append(share), is_cancelled=cancelled)
    with pytest.raises(Cancelled):
        generate(context, count=16)
    assert seen == sorted(seen)
