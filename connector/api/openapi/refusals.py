"""What every operation can end in that asks who calls."""

from typing import Any

from connector.api.openapi.responses import CODES, problem
from connector.api.statuses import FAULTS

ASKING = (
    "issuer-unreachable",
    "rate-limited",
    "storage-unavailable",
    "token-invalid",
    "unauthenticated",
)
"""Codes of an operation that declares a caller."""
SCOPED = "scope-missing"
"""The one more of an operation that names a scope."""


def add_refusals(paths: dict[str, Any]) -> None:
    """Document on each operation with `security` how it turns callers away."""
    for operations in paths.values():
        for operation in operations.values():
            needs = operation.get("security")
            if needs:
                scoped = any(scopes for need in needs for scopes in need.values())
                _add(operation["responses"], (*ASKING, SCOPED) if scoped else ASKING)


def _add(responses: dict[str, Any], codes: tuple[str, ...]) -> None:
    by_status: dict[str, set[str]] = {}
    for code in codes:
        by_status.setdefault(str(FAULTS[code].status), set()).add(code)
    for status, own in by_status.items():
        earlier = responses.get(status, {}).get(CODES, ())
        responses[status] = problem(sorted(own.union(earlier)))
    ordered = sorted(responses.items())
    responses.clear()
    responses.update(ordered)
