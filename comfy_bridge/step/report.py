"""What the report of a workflow holds beyond the common fields."""

from steps.contract import Report, Wire


class NodeTime(Wire):
    """One node of the workflow."""

    node: str
    """Its id."""
    class_type: str
    seconds: float
    """How long it ran; 0 where the server had its result from before."""
    cached: bool
    """Whether the server had its result from before."""


class WorkflowReport(Report):
    """The record of a workflow."""

    workflow: str
    workflow_sha256: str
    """Of the workflow's file in API format."""
    declaration_sha256: str
    """Of the file that declares its inputs and outputs."""
    server_version: str
    """ComfyUI's version; empty where the server names none."""
    prompt_ids: tuple[str, ...]
    """Of the server's own history, one for each page."""
    nodes: tuple[NodeTime, ...]
    """Of all pages together, in the order of the workflow."""
