"""Settings of the service: each number with its unit and its reason; each from RETUSCHE_<NAME>."""

import ipaddress
import os
from dataclasses import replace
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from steps.environment import Environment

MIB = 1024 * 1024


class Settings(BaseSettings):
    """What the service may use and how long it waits. Folders and licences: `steps.environment`."""

    model_config = SettingsConfigDict(
        env_prefix="RETUSCHE_", frozen=True, extra="forbid", use_attribute_docstrings=True
    )

    host: str = "127.0.0.1"
    """Address to listen on. Loopback only: this form of the service knows no API keys."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    """TCP port; 0 takes a free one and logs which."""
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    """Worker processes. One: each holds its own models, and one keeps every core busy."""
    queue_size: Annotated[int, Field(ge=0, le=10_000)] = 16
    """Pictures that may wait for a worker; more are refused with 503. Bounds memory: each waits decoded from HTTP."""
    max_body_bytes: Annotated[int, Field(ge=1024)] = 128 * MIB
    """Largest request body, bytes. 128 MiB holds a 24-megapixel PNG (72 MB raw) as base64 (× 4/3)."""
    body_idle_seconds: Annotated[float, Field(gt=0, le=600)] = 30.0
    """Longest pause of a client while it sends its body, seconds; mobile networks stall for less."""
    run_timeout_seconds: Annotated[float, Field(gt=0, le=3600)] = 110.0
    """Longest /run, seconds, waiting included: below Node-RED's 120 s, so that the answer is ours."""
    cancel_grace_seconds: Annotated[float, Field(ge=0, le=600)] = 5.0
    """Seconds for a cancelled step to stop by itself before its process is killed; steps ask every second."""
    start_timeout_seconds: Annotated[float, Field(gt=0, le=3600)] = 300.0
    """Longest start of a worker, seconds: large models on a slow disk need minutes."""
    shutdown_seconds: Annotated[float, Field(ge=0, le=3600)] = 30.0
    """Seconds that running requests get to end at shutdown; orchestrators kill after 30 s."""
    warm: bool = True
    """Load the default models when a worker starts, so that the first request does not pay for it."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least severity that is logged."""

    @model_validator(mode="after")
    def _loopback_only(self) -> Self:
        if not is_loopback(self.host):
            raise ValueError(
                f"RETUSCHE_HOST={self.host!r} is not a loopback address: without API keys anyone who "
                "reaches it could use the service; accepted: 127.0.0.1, ::1, localhost "
                "(put a reverse proxy that authenticates in front)"
            )
        return self

    def environment(self) -> Environment:
        """Return the environment of one worker: threads × workers = cores, unless RETUSCHE_THREADS says otherwise.

        Raises:
            ValueError: a RETUSCHE_* variable of `steps.environment` cannot be understood.
        """
        whole = Environment.from_env()
        if os.environ.get("RETUSCHE_THREADS"):
            return whole
        return replace(whole, threads=max(1, whole.threads // self.workers))


def is_loopback(host: str) -> bool:
    """Say whether a host name or address (brackets allowed) can be reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.removeprefix("[").removesuffix("]")).is_loopback
    except ValueError:
        return False
