"""The service as an ASGI app."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import anyio.to_thread
from fastapi import FastAPI

from connector.api import (
    actions,
    cors,
    door,
    events,
    files,
    health,
    jadice,
    jadice_worker,
    jobs,
    metrics,
    openapi,
    page,
    problems,
    results,
    run,
)
from connector.api import catalogue as catalogue_api
from connector.api import templates as templates_api
from connector.api.waiting import Hub
from connector.api.watching import watch_of
from connector.auth.access import Access
from connector.fetch import Policy
from connector.jobs import templates
from connector.jobs.database import Database
from connector.jobs.templates import Template
from connector.queue.doorbell import CeleryDoorbell, Doorbell
from connector.service import VERSION, LinkKey, Service
from connector.settings import Settings
from connector.storage.store import FileStore
from connector.work.fetching import callback_policy_of, policy_of
from steps import registry
from steps.environment import Environment
from steps.registry import Registry

THREADS = 16
"""Threads for the database and files of one process; each may hold one connection."""


def create_app(
    settings: Settings,
    catalogue: Callable[[], Registry] = registry.steps,
    *,
    doorbell: Doorbell | None = None,
) -> FastAPI:
    """Make the app. It connects when its lifespan begins; the tables must be there by then.

    Args:
        settings: of the service.
        catalogue: gives the steps.
        doorbell: wakes workers; None: by the broker of the settings.

    Raises:
        ValueError: a RETUSCHE_* variable cannot be understood.
        TemplatesInvalid: a template could never work.
        DuplicateStep, TypeError: the installation's steps do not fit together.
    """
    environment = settings.environment()
    policy, callback_policy = policy_of(settings), callback_policy_of(settings)
    steps = catalogue()
    named = templates.load(settings.templates_file, steps) if settings.templates_file else {}

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        service = _service(settings, environment, policy, callback_policy, steps, named, doorbell)
        app.state.service = service
        app.state.access = Access(settings, service.database)
        service.hub.start()
        try:
            yield
        finally:
            service.hub.close()
            if isinstance(service.doorbell, CeleryDoorbell):
                service.doorbell.close()
            service.database.close()

    app = FastAPI(
        title="Retusche",
        version=VERSION,
        summary="Image-processing steps for workflow engines",
        lifespan=lifespan,
        # FastAPI's documentation pages load their scripts from a foreign host.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    problems.install(app)
    openapi.install(app, steps)
    for resource in (page.router, catalogue_api.router, templates_api.router, run.router):
        app.include_router(resource)
    for module in (jobs, results, events, actions, files, jadice, jadice_worker, health, metrics):
        app.include_router(module.router)
    _add_doors(app, settings)
    return app


def _service(
    settings: Settings,
    environment: Environment,
    policy: Policy,
    callback_policy: Policy,
    steps: Registry,
    named: Mapping[str, Template],
    doorbell: Doorbell | None,
) -> Service:
    database = Database(settings.database, connections=THREADS)
    return Service(
        settings=settings,
        environment=environment,
        registry=steps,
        templates=named,
        policy=policy,
        callback_policy=callback_policy,
        rules=settings.rules(),
        database=database,
        files=FileStore.open(settings.files),
        doorbell=doorbell or CeleryDoorbell(settings),
        hub=Hub(watch_of(settings.database)),
        link_key=LinkKey(database),
    )


def _add_doors(app: FastAPI, settings: Settings) -> None:
    # The last one added is the first one passed.
    app.add_middleware(
        door.BodyLimit,
        max_bytes=settings.max_body_bytes,
        idle_seconds=settings.body_idle_seconds,
    )
    # Else a page that rebinds its name has no key, or the proxy in front knows which names are its own.
    if not (settings.auth or settings.allow_remote):
        app.add_middleware(door.HostCheck)
    cors.install(app, settings.cors_origins)
    app.add_middleware(door.Trace)
