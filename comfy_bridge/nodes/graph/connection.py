"""The connection node: which service, how long, how often again. It never sees a key."""

from typing import Any

from comfy_api.latest import io

from ..service.connection import DEFAULT, Choice
from .border import connection_of
from .inputs import CATEGORY, Link


class ConnectionNode(io.ComfyNode):  # type: ignore[misc]
    """Chooses a service."""

    @classmethod
    def define_schema(cls) -> Any:
        """Return the node's form."""
        return io.Schema(
            node_id="RetuscheConnection",
            display_name="Connection (Retusche)",
            category=CATEGORY,
            description="Which Retusche service, or jadice flow controller, the other nodes call.",
            inputs=[
                io.String.Input(
                    "name",
                    default=DEFAULT,
                    tooltip="Configured outside the workflow, with its key: RETUSCHE_URL and RETUSCHE_API_KEY "
                    "for default, RETUSCHE_STUDIO_URL … for studio, or user/__retusche/connections.json.",
                ),
                io.String.Input(
                    "url",
                    default="",
                    tooltip="Another address than the configured one; the configured key is not sent there.",
                ),
                io.Float.Input(
                    "timeout",
                    default=600.0,
                    min=1.0,
                    max=86400.0,
                    step=1.0,
                    tooltip="Seconds that one node may take; then its job is cancelled.",
                ),
                io.Int.Input(
                    "retries",
                    default=4,
                    min=0,
                    max=20,
                    tooltip="How often a call that may succeed later is made again.",
                ),
                io.Int.Input(
                    "parallel",
                    default=4,
                    min=1,
                    max=32,
                    tooltip="Pictures that are sent or fetched at the same time.",
                ),
            ],
            outputs=[Link.Output("chosen", display_name="connection")],
        )

    @classmethod
    def execute(cls, name: str, url: str, timeout: float, retries: int, parallel: int) -> Any:
        """Check the choice here, where its widgets are, and hand it on without the key."""
        choice = Choice(name.strip(), url.strip(), timeout, retries, parallel)
        connection_of(choice)
        return io.NodeOutput(choice)
