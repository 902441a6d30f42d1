"""The faults in an answer of `POST /prompt`; a 200 can carry some, too."""

from collections.abc import Iterator, Mapping
from typing import Any

from comfy_bridge.client.errors import NodeFault, PromptRefused


def refusal(answer: Mapping[str, Any]) -> PromptRefused | None:
    """Return what the server refuses of a workflow; None where it takes it whole."""
    faults = list(_of_nodes(answer.get("node_errors")))
    error = answer.get("error")
    if not faults and error:
        faults = [_of_workflow(error)]
    return PromptRefused(faults) if faults else None


def _of_nodes(nodes: object) -> Iterator[NodeFault]:
    if not isinstance(nodes, dict):  # an empty list where there are none, in some versions
        return
    for node, found in nodes.items():
        for error in found.get("errors") or ():
            extra = error.get("extra_info") or {}
            text = ": ".join(filter(None, (error.get("message"), error.get("details"))))
            yield NodeFault(
                node=str(node),
                class_type=str(found.get("class_type", "")),
                kind=str(error.get("type", "")),
                text=text or "no reason given",
                input_name=str(extra.get("input_name", "")),
            )


def _of_workflow(error: object) -> NodeFault:
    if not isinstance(error, dict):
        return NodeFault(node="", class_type="", kind="", text=str(error))
    extra = error.get("extra_info") or {}
    text = ": ".join(filter(None, (error.get("message"), error.get("details"))))
    return NodeFault(
        node=str(extra.get("node_id", "")),
        class_type=str(extra.get("class_type", "")),
        kind=str(error.get("type", "")),
        text=text or "no reason given",
    )
