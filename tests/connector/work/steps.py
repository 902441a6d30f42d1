"""Stub steps: one that brightens and tells how its source came, one that behaves as it is told."""

from collections.abc import Callable
from typing import ClassVar

from steps.contract import (
    Context,
    InputRole,
    Item,
    Parameters,
    Part,
    PartType,
    Report,
    Role,
    Step,
    StepResult,
)
from steps.parts import deliver, document_of, source_of
from steps.registry import Registry, build


class BrightenParameters(Parameters):
    """How much."""

    by: int = 10
    """Levels, 0..255."""


class BrightenReport(Report):
    """What was seen."""

    decoded: bool = False
    """Whether the source came decoded, from the step before."""
    brightest: int = 0
    """Of the source."""


class Brighten(Step[BrightenParameters]):
    """Adds to every channel."""

    name = "brighten"
    version = "1.0.0"
    title = "Brighten"
    summary = "Adds to every channel."
    parameters = BrightenParameters
    report = BrightenReport

    def run(self, item: Item, parameters: BrightenParameters, context: Context) -> StepResult:
        """Add."""
        source = source_of(item)
        document = document_of(source)
        context.progress(0.5, "brightening")
        page = document.pages[0]
        made = document.with_pages((page.with_pixels(page.pixels + parameters.by),))
        report = BrightenReport(
            step=self.name,
            version=self.version,
            seed=context.seed,
            decoded=not isinstance(source.content, bytes),
            brightest=int(page.pixels.max()),
        )
        return StepResult(parts=(deliver(made, context, source=source),), report=report)


class StubParameters(Parameters):
    """What to do."""

    text: str = "done"
    """Content of the result."""


class Stub(Step[StubParameters]):
    """Gives a text back, after doing what the test put into `act`."""

    name = "stub"
    version = "2.0.0"
    title = "Stub"
    summary = "Does as told."
    inputs = (
        InputRole(role=Role.SOURCE, required=True, description="any bytes"),
        InputRole(role=Role.STYLE, required=False, description="any bytes"),
    )
    parameters = StubParameters
    act: ClassVar[Callable[[Item, Context], None]]

    def run(self, item: Item, parameters: StubParameters, context: Context) -> StepResult:
        """Act, and give a text back."""
        type(self).act(item, context)
        source = item.base_parts(Role.SOURCE)[0]
        part = Part(
            content=parameters.text.encode(),
            mime_type="text/plain",
            filename="out.txt",
            type=PartType.BASE_PART,
            source_part_id=source.id,
        )
        report = Report(step=self.name, version=self.version, seed=context.seed)
        return StepResult(parts=(part,), report=report)


def quiet(item: Item, context: Context) -> None:
    """Do nothing."""


Stub.act = staticmethod(quiet)


def registry() -> Registry:
    """Return these steps."""
    return build(f"{__name__}:{name}" for name in ("Brighten", "Stub"))
