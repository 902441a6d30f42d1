"""Parameters as a flow writes them, text all of them, made into what the step's schema asks for."""

import json
from collections.abc import Iterable, Mapping, Sequence

from pydantic import JsonValue
from pydantic_core import from_json

from connector import coercion
from connector.jadice.shapes import WorkerItem, WorkerParameter
from connector.submit.rejected import at
from steps.contract import AnyStep

Pairs = list[tuple[str, str]]


def parameters_of(
    step: AnyStep, query: Sequence[tuple[str, str]], items: Sequence[WorkerItem]
) -> dict[str, object]:
    """Return the parameters of a worker's call; the step's model still has to validate them.

    Args:
        step: that is called.
        query: of the address, as workerURL in workers.yaml may hold it; the items' own come first.
        items: which all carry the same parameters, since one step of a flow sends them.

    Raises:
        Rejected: the items differ in their parameters.
        InvalidParameters: an unknown name, or one given twice.
    """
    own = [dict(_pairs(item.parameters)) for item in items]
    for index, parameters in enumerate(own):
        if parameters != own[0]:
            raise at(
                f"/items/{index}/parameters",
                "the items of one call carry the same parameters; send the others in another call",
            )
    inherited = [(name, text) for name, text in query if name not in own[0]]
    return coercion.from_pairs(step.parameters, [*inherited, *own[0].items()])


def _pairs(
    given: tuple[WorkerParameter, ...] | Mapping[str, JsonValue] | None,
) -> Iterable[tuple[str, str]]:
    """Return names and texts; what is null or empty keeps its default."""
    if isinstance(given, Mapping):
        found = given.items()
        return [(name, _text(value)) for name, value in found if value is not None and value != ""]
    return [(each.name, _unpacked(each.value)) for each in given or () if each.value]


def _unpacked(value: str) -> str:
    """Return what JSON inside a string says: a quoted text without its quotes, a list's text as it stands."""
    try:
        inner = from_json(value)
    except ValueError:
        return value
    return inner if isinstance(inner, str) else value


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value)
