"""How a prompt ended, as `GET /history/{id}` tells it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from comfy_bridge.client.errors import PromptFailed, PromptInterrupted


@dataclass(frozen=True)
class FileRef:
    """A file on the server."""

    filename: str
    subfolder: str = ""
    type: str = "output"
    """"output", "temp" (previews; gone when the server restarts) or "input"."""


def outputs_of(entry: Mapping[str, Any]) -> dict[str, tuple[FileRef, ...]]:
    """Return the pictures that a finished prompt made, by node; cached ones are among them.

    Args:
        entry: the prompt's own entry of the history.

    Raises:
        PromptFailed: a node raised.
        PromptInterrupted: it was interrupted; ComfyUI's status says "error" then, too.
    """
    status = entry.get("status") or {}
    messages = dict(_messages(status))
    if "execution_interrupted" in messages:
        stopped = messages["execution_interrupted"]
        raise PromptInterrupted(
            f"it was interrupted at the server in node {stopped.get('node_id')} "
            f"({stopped.get('node_type')})"
        )
    if "execution_error" in messages or status.get("status_str") == "error":
        failed = messages.get("execution_error", {})
        raise PromptFailed(
            node=str(failed.get("node_id", "")),
            class_type=str(failed.get("node_type", "")),
            kind=str(failed.get("exception_type", "an error")),
            text=str(failed.get("exception_message", "the server does not say what")),
        )
    return {node: tuple(_files(made)) for node, made in (entry.get("outputs") or {}).items()}


def _messages(status: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for message in status.get("messages") or ():
        if len(message) == 2 and isinstance(message[1], dict):
            yield str(message[0]), message[1]


def _files(made: Mapping[str, Any]) -> Iterator[FileRef]:
    for image in made.get("images") or ():
        if isinstance(image, dict) and isinstance(image.get("filename"), str):
            yield FileRef(
                image["filename"], str(image.get("subfolder", "")), str(image.get("type", "output"))
            )
