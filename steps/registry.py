"""The explicit list of steps. Others join by the entry point group "retusche.steps"."""

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from steps.contract import AnyStep, Step
from steps.errors import UnknownStep

BUILT_IN = (
    "steps.anonymize:Anonymize",
    "steps.inpaint:Inpaint",
    "steps.upscale:Upscale",
    "steps.style_transfer:StyleTransfer",
    "steps.outpaint:Outpaint",
    "steps.generate:Generate",
)
"""Steps of this distribution, as "module:class"; importing one loads no model runtime."""

ENTRY_POINT_GROUP = "retusche.steps"


class DuplicateStep(ValueError):
    """Two steps claim one name."""


class Registry:
    """Steps by name. A duplicate name raises and leaves the registry unchanged."""

    def __init__(self) -> None:
        self._steps: dict[str, AnyStep] = {}

    def add(self, step: AnyStep) -> None:
        """Register a step.

        Raises:
            DuplicateStep: the name is taken.
        """
        if step.name in self._steps:
            raise DuplicateStep(
                f"step {step.name!r} is registered twice: "
                f"{type(self._steps[step.name]).__qualname__} and {type(step).__qualname__}"
            )
        self._steps[step.name] = step

    def get(self, name: str) -> AnyStep:
        """Return the step of that name.

        Raises:
            UnknownStep: there is none; the detail lists the known names.
        """
        try:
            return self._steps[name]
        except KeyError:
            known = ", ".join(sorted(self._steps)) or "none"
            raise UnknownStep(f"there is no step {name!r}; known steps: {known}") from None

    def all(self) -> tuple[AnyStep, ...]:
        """Return every step, by name."""
        return tuple(self._steps[name] for name in sorted(self._steps))


def build(built_in: Iterable[str] = BUILT_IN, plugins: Iterable[EntryPoint] = ()) -> Registry:
    """Make a registry from class paths and entry points.

    Raises:
        DuplicateStep: two steps claim one name.
        TypeError: an entry point is not a step class.
    """
    registry = Registry()
    for path in built_in:
        module, _, name = path.partition(":")
        registry.add(getattr(import_module(module), name)())
    for plugin in plugins:
        step = plugin.load()()
        if not isinstance(step, Step):
            raise TypeError(f"entry point {plugin.name!r} ({plugin.value}) is not a Step")
        registry.add(step)
    return registry


@cache
def steps() -> Registry:
    """Return this installation's registry, made once."""
    return build(plugins=entry_points(group=ENTRY_POINT_GROUP))
