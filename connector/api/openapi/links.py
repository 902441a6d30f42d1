"""From an answer to the calls that it makes possible: OpenAPI's links."""

from collections.abc import Iterable
from typing import Any

_JOB = {"job_id": "$response.body#/id"}
_OF_A_JOB = (
    *("get_job", "list_items", "stream_events", "get_results"),
    *("list_deliveries", "cancel_job", "retry_job", "delete_job"),
)
_FILE = {"file_id": "$response.body#/id"}
_OF_A_FILE = ("get_file", "get_file_content", "delete_file")
_PART = {"job_id": "$response.body#/id", "part_id": "$response.body#/items/0/parts/1/id"}
_NEXT = {"cursor": "$response.body#/next"}


def add_links(paths: dict[str, Any]) -> None:
    """Add to each answer that names a job or a file what can be done with it.

    Args:
        paths: of the document, whole.
    """
    for operations in paths.values():
        for operation in operations.values():
            name = operation["operationId"]
            for status, answer in operation["responses"].items():
                if status.startswith("2"):
                    links = _links(name, _schema(answer))
                    if links:
                        answer["links"] = links


def _schema(answer: dict[str, Any]) -> str:
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _links(operation: str, schema: str) -> dict[str, Any]:
    if operation == "list_jobs":
        return _to(["list_jobs"], _NEXT)
    if schema == "JobAnswer":
        return _to(_OF_A_JOB, _JOB) | _to(["get_part_content"], _PART)
    if schema == "FileAnswer":
        return _to(_OF_A_FILE, _FILE)
    return {}


def _to(operations: Iterable[str], parameters: dict[str, str]) -> dict[str, Any]:
    return {name: {"operationId": name, "parameters": parameters} for name in operations}
