"""A step that does nothing but give its source back, as new bytes, so that the result is really stored."""

from steps.contract import (
    Context,
    InputRole,
    Item,
    Parameters,
    Part,
    Report,
    Role,
    Step,
    StepResult,
)
from steps.errors import InvalidItem
from steps.registry import Registry, build

MARK = b"\n"
"""Behind the end of a picture readers ignore it; with it the result is no file that is stored already."""


class NoParameters(Parameters):
    """None."""


class NoOp(Step[NoParameters]):
    """Copies its source."""

    name = "noop"
    version = "1.0.0"
    title = "No-op"
    summary = "Copies its source."
    inputs = (InputRole(role=Role.SOURCE, required=True, description="any picture"),)
    parameters = NoParameters

    def run(self, item: Item, parameters: NoParameters, context: Context) -> StepResult:
        """Copy the source."""
        source = item.base_parts(Role.SOURCE)[0]
        if not isinstance(source.content, bytes):
            raise InvalidItem("the source must be encoded")
        part = Part(
            content=source.content + MARK,
            mime_type=source.mime_type,
            filename=source.filename,
            source_part_id=source.id,
        )
        report = Report(step=self.name, version=self.version, seed=context.seed)
        return StepResult(parts=(part,), report=report)


def registry() -> Registry:
    """Return the catalogue of an installation that has this step alone."""
    return build([f"{__name__}:NoOp"])
