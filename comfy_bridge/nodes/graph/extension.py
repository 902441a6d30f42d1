"""The pack as ComfyUI loads it."""

from typing import Any

from comfy_api.latest import ComfyExtension

from ..catalogue import shipped
from .connection import ConnectionNode
from .handover import FromEngineNode, ToEngineNode, ToFlowNode
from .run_step import RunStepNode
from .step import node_of


class Retusche(ComfyExtension):  # type: ignore[misc]
    """Every node of the pack."""

    async def get_node_list(self) -> list[type[Any]]:
        """Return a node for each step of the catalogue, and those that need none."""
        fixed = (ConnectionNode, RunStepNode, ToFlowNode, ToEngineNode, FromEngineNode)
        return [*(node_of(step) for step in shipped()), *fixed]
