"""What the parts of the API share: one per app, made at its start."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from connector.runner.pool import Runner
from connector.settings import Settings
from connector.version import VERSION
from steps.environment import Environment
from steps.registry import Registry


@dataclass(frozen=True, kw_only=True)
class Service:
    """Settings, steps and the runner of this process."""

    settings: Settings
    environment: Environment
    """What the workers run with."""
    registry: Registry
    runner: Runner


def service_of(request: Request) -> Service:
    """Return the service of the app that got this request.

    Raises:
        TypeError: the app was not made by `connector.app.create_app`.
    """
    found = request.app.state.service
    if not isinstance(found, Service):
        raise TypeError("app.state.service is missing: make the app with connector.app.create_app")
    return found


__all__ = ["VERSION", "Here", "Service", "service_of"]

Here = Annotated[Service, Depends(service_of)]
"""The service, as an argument of a route."""
