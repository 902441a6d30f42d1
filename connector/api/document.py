"""The contract as a file: OpenAPI made without a server, a database, or what this machine is set to."""

import json
from typing import Any

from connector.app import create_app
from connector.settings import Settings
from steps.registry import Registry


def document(registry: Registry) -> dict[str, Any]:
    """Return the OpenAPI document of a service with these steps.

    Raises:
        ValueError: a RETUSCHE_* variable of `steps.environment` cannot be understood.
    """
    settings = Settings.model_construct()  # the defaults, whatever the environment says
    return create_app(settings, lambda: registry).openapi()


def text(found: dict[str, Any]) -> str:
    """Return a document as the file holds it: two spaces, UTF-8, a newline at the end."""
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"
