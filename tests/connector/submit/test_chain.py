"""What an item must bring for a chain."""

import pytest

from connector.jobs.templates import TemplateStep
from connector.submit.chain import checked
from steps.contract import Role
from steps.registry import build

REGISTRY = build(["steps.generate:Generate", "steps.inpaint:Inpaint", "steps.upscale:Upscale"])
GENERATE = {"step": "generate", "parameters": {"prompt": "a garden"}}


@pytest.mark.parametrize(
    ("chain", "required"),
    [
        ([{"step": "inpaint"}, {"step": "upscale"}], {Role.SOURCE: "inpaint"}),
        ([GENERATE], {}),
        ([GENERATE, {"step": "upscale"}], {}),
        ([{"step": "upscale"}, GENERATE], {Role.SOURCE: "upscale"}),
    ],
)
def test_a_source_is_needed_unless_an_earlier_step_makes_one(
    chain: list[object], required: dict[Role, str]
) -> None:
    steps = [TemplateStep.model_validate(each) for each in chain]
    assert checked(steps, REGISTRY).required == required
