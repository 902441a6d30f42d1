"""Settings of the service: each number with its unit and its reason; each from RETUSCHE_<NAME>."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from connector.auth.settings import AccessSettings
from connector.jobs.model import Rules
from connector.loopback import is_loopback
from steps.environment import Environment

MIB = 1024 * 1024


class Settings(AccessSettings):
    """What the service may use and how long it waits. Folders and licences: `steps.environment`."""

    # Where
    host: str = "127.0.0.1"
    """Address to listen on: loopback, unless `auth` or `allow_remote` is set."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    """TCP port; 0 takes a free one and logs which."""
    allow_remote: bool = False
    """Listen on any address although nothing says who calls: for a private network behind a proxy that
    authenticates."""
    public_url: str = ""
    """Where callers reach the service, e.g. https://images.example; callbacks link to it. Empty: http://host:port."""
    data_dir: Path = Field(default_factory=lambda: data_home() / "retusche")
    """Folder of the database, the files and the doorbells of one machine; default ~/.local/share/retusche."""
    database_url: Annotated[str, Field(repr=False)] = ""
    """postgresql+psycopg://user:password@host/name; empty: SQLite in `data_dir`."""
    files_url: Annotated[str, Field(repr=False)] = ""
    """A folder, s3://bucket/prefix, gs://… or az://…; empty: a folder in `data_dir`."""
    broker_url: Annotated[str, Field(repr=False)] = ""
    """amqp://…, redis://… or sqs://; empty: doorbells through a folder in `data_dir`, for one machine."""
    templates_file: Path | None = None
    """YAML file of named pipelines."""

    # Workers
    workers: Annotated[int, Field(ge=0, le=64)] = 1
    """Worker processes of `serve`. One: each holds its own models, and one keeps every core busy. 0: none here."""
    worker_queues: tuple[str, ...] = ("cpu",)
    """Queues that a worker takes items from, the first one first; by commas in the variable's JSON list."""
    queues: dict[str, str] = Field(default_factory=dict)
    """Queue of a step, e.g. {"upscale": "gpu"}; a chain goes to the first of them that it names. Others: "cpu"."""
    affinity_seconds: Annotated[float, Field(ge=0, le=3600)] = 0.0
    """How long a worker of several queues stays with the one that it served last, seconds: where each queue needs
    large models of its own, loading them for every other item would take longer than the items. 0: the first first."""
    lease_seconds: Annotated[float, Field(ge=2, le=3600)] = 30.0
    """A worker that says nothing for so long is lost, and its item begun again. It says something every second;
    the rest is for a stalled disk or network, and clocks that differ by a few seconds."""
    max_attempts: Annotated[int, Field(ge=1, le=20)] = 3
    """How often an item is begun before it fails as worker-lost."""
    max_queued: Annotated[int, Field(ge=1)] = 1_000_000
    """Items that one client may have waiting; more are refused with 429."""
    max_items: Annotated[int, Field(ge=1)] = 100_000
    """Items of one job; more are refused with 413."""
    retention_hours: Annotated[float, Field(gt=0)] = 24.0
    """How long jobs and their files are kept once they have ended, and uploads since they came."""
    reuse_results: bool = False
    """Answer from an earlier result when source, step, version, parameters and weights are the same."""
    otlp_endpoint: str = ""
    """Where OpenTelemetry traces go, e.g. http://collector:4318; empty: nowhere."""

    # HTTP
    max_body_bytes: Annotated[int, Field(ge=1024)] = 128 * MIB
    """Largest request body, bytes. 128 MiB holds a 24-megapixel PNG (72 MB raw) as base64 (× 4/3)."""
    body_idle_seconds: Annotated[float, Field(gt=0, le=600)] = 30.0
    """Longest pause of a client while it sends its body, seconds; mobile networks stall for less."""
    run_timeout_seconds: Annotated[float, Field(gt=0, le=3600)] = 110.0
    """Longest /run, seconds, waiting included: below Node-RED's 120 s, so that the answer is ours."""
    shutdown_seconds: Annotated[float, Field(ge=0, le=3600)] = 30.0
    """Seconds that running requests get to end at shutdown; orchestrators kill after 30 s."""
    warm: bool = True
    """Load the default models when a worker starts, so that the first request does not pay for it."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least severity that is logged."""

    @model_validator(mode="after")
    def _loopback_only(self) -> Self:
        if not (self.auth or self.allow_remote or is_loopback(self.host)):
            raise ValueError(
                f"RETUSCHE_HOST={self.host!r} is not a loopback address: without API keys anyone who "
                "reaches it could use the service; accepted: 127.0.0.1, ::1, localhost; or "
                "RETUSCHE_AUTH=keys (make one with `retusche keys create`), RETUSCHE_AUTH=oidc; or "
                "a proxy that authenticates in front, and RETUSCHE_ALLOW_REMOTE=1"
            )
        return self

    @property
    def database(self) -> str:
        """URL of the database."""
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / 'retusche.db'}"

    @property
    def files(self) -> str:
        """URL or folder of the files."""
        return self.files_url or str(self.data_dir.absolute() / "files")

    @property
    def is_embedded(self) -> bool:
        """Whether everything lives on this machine: SQLite, a folder, doorbells through a folder."""
        return not (self.database_url or self.broker_url)

    def rules(self) -> Rules:
        """Return what holds for every job."""
        return Rules(
            lease_seconds=self.lease_seconds,
            attempts_allowed=self.max_attempts,
            retention_seconds=self.retention_hours * 3600,
            public_url=(self.public_url or f"http://{self.host}:{self.port}").rstrip("/"),
        )

    def queue_of(self, steps: Sequence[str]) -> str:
        """Return the queue of a chain of steps: the first that `queues` names for one of them, else "cpu"."""
        return next((self.queues[step] for step in steps if step in self.queues), "cpu")

    def environment(self) -> Environment:
        """Return the environment of one worker: threads × workers = cores, unless RETUSCHE_THREADS says otherwise.

        Raises:
            ValueError: a RETUSCHE_* variable of `steps.environment` cannot be understood.
        """
        whole = Environment.from_env()
        if os.environ.get("RETUSCHE_THREADS"):
            return whole
        return replace(whole, threads=max(1, whole.threads // max(1, self.workers)))


def data_home() -> Path:
    """Return the folder for a user's data (XDG Base Directory Specification)."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
