"""Running the steps of an item one after the other: pictures pass decoded, and are encoded once, at the end."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pydantic import JsonValue

from connector.jobs.ids import new_id
from connector.jobs.model import StepCall
from steps import run
from steps.contract import AnyStep, Context, Item, Output, Part, PartType
from steps.errors import StepError
from steps.imaging.document import Document
from steps.parts import deliver


@dataclass(frozen=True, kw_only=True)
class Produced:
    """A part that a step made, encoded."""

    part: Part
    step: int
    """Index of the step in the chain."""


@dataclass(frozen=True, kw_only=True)
class ChainResult:
    """What a chain made."""

    produced: tuple[Produced, ...]
    replaced: frozenset[str]
    """Ids of the caller's parts that are META from now on, because a newer one replaces them."""
    reports: tuple[dict[str, JsonValue], ...]
    """One of each step, camelCase."""


class _Chain:
    def __init__(
        self, item: Item, steps: Sequence[tuple[AnyStep, StepCall]], context: Context
    ) -> None:
        self.item, self.steps, self.context = item, steps, context
        self.own = frozenset(part.id for part in item.parts)
        self.produced: list[Produced] = []
        self.origin: dict[str, str | None] = {}
        """Of a part that passed decoded and is not kept: the kept part that it came from."""
        self.reports: list[dict[str, JsonValue]] = []

    def run(self) -> ChainResult:
        for index, (step, call) in enumerate(self.steps):
            self._one(index, step, call)
        base = {part.id for part in self.item.parts if part.type is PartType.BASE_PART}
        return ChainResult(
            produced=tuple(self.produced),
            replaced=self.own - base,
            reports=tuple(self.reports),
        )

    def _one(self, index: int, step: AnyStep, call: StepCall) -> None:
        last = index == len(self.steps) - 1
        share = 1 / len(self.steps)
        inner = self.context.span(index * share, (index + 1) * share)
        if not last:
            inner = replace(inner, output=None)
        # Only the roles that this step takes: a style picture may be for another step of the chain.
        taken = {wanted.role for wanted in step.inputs}
        parts = tuple(
            part
            for part in self.item.parts
            if part.type is PartType.META or part.role in taken or len(self.steps) == 1
        )
        try:
            result = run.run(step, replace(self.item, parts=parts), call.parameters, inner)
        except StepError as error:
            if call.on_failure == "fail" or error.code == "cancelled" or error.retryable:
                raise
            self._skip(index, step, error)
            return
        self.reports.append(result.report.model_dump(mode="json", by_alias=True))
        made = tuple(self._named(part) for part in result.parts)
        self._keep(index, made, call, last=last)
        gone = {part.source_part_id for part in made if part.type is PartType.BASE_PART}
        old = tuple(
            replace(part, type=PartType.META) if part.id in gone else part
            for part in self.item.parts
        )
        self.item = replace(self.item, parts=(*old, *made))

    def _named(self, part: Part) -> Part:
        """Give a part an id of its own; a step may also hand back what it was given, as its result."""
        if any(part.id == known.id for known in self.item.parts):
            return replace(part, id=new_id(), source_part_id=part.id or part.source_part_id)
        return part if part.id else replace(part, id=new_id())

    def _keep(self, index: int, made: tuple[Part, ...], call: StepCall, *, last: bool) -> None:
        for part in made:
            if isinstance(part.content, bytes):
                self._produce(part, index)
            elif call.keep:
                kept = _encoded(part, self.context)
                self._produce(replace(kept, id=part.id, type=PartType.META), index)
            elif last:
                raise TypeError("a step returned a decoded part although it was to encode it")
            else:
                self.origin[part.id] = self._origin(part.source_part_id)

    def _produce(self, part: Part, index: int) -> None:
        named = replace(part, source_part_id=self._origin(part.source_part_id))
        self.produced.append(Produced(part=named, step=index))

    def _origin(self, part_id: str | None) -> str | None:
        return self.origin.get(part_id, part_id) if part_id else None

    def _skip(self, index: int, step: AnyStep, error: StepError) -> None:
        """Go on with what the step was given; encode it where nothing follows that would."""
        self.reports.append(
            {
                "step": step.name,
                "version": step.version,
                "skipped": True,
                "messages": [{"severity": "error", "code": error.code, "text": error.detail}],
            }
        )
        if index < len(self.steps) - 1:
            return
        for part in self.item.parts:
            if part.type is PartType.BASE_PART and isinstance(part.content, Document):
                whole = _encoded(part, self.context)
                self._produce(replace(whole, id=new_id(), source_part_id=part.id), index)


def run_chain(
    item: Item,
    steps: Sequence[tuple[AnyStep, StepCall]],
    context: Context,
) -> ChainResult:
    """Run a chain of steps on an item.

    Args:
        item: its parts hold bytes and have ids.
        steps: each step with its call.
        context: `output` is how the last result is encoded.

    Raises:
        StepError: a step failed whose policy is not to be skipped.
    """
    return _Chain(item, steps, context).run()


def _encoded(part: Part, context: Context) -> Part:
    if not isinstance(part.content, Document):
        return part
    output = context.output or Output()
    return deliver(part.content, replace(context, output=output), source=part)
