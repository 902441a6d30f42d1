"""The service as an ASGI app."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI

from connector.api import catalogue as catalogue_api
from connector.api import door, health, openapi, problems, run
from connector.runner.messages import Catalogue, WorkerPlan
from connector.runner.pool import Runner
from connector.service import VERSION, Service
from connector.settings import Settings
from steps import registry

root = APIRouter()


@root.get("/", operation_id="root", responses=openapi.problems(500))
async def read_root() -> dict[str, str]:
    """Point to what is here."""
    return {
        "name": "retusche",
        "version": VERSION,
        "steps": "/v1/steps",
        "openapi": "/openapi.json",
        "health": "/health/ready",
    }


def create_app(settings: Settings, catalogue: Catalogue = registry.steps) -> FastAPI:
    """Make the app. Its worker processes live as long as its lifespan.

    Args:
        settings: of the service.
        catalogue: module-level function that gives the registry; workers import it by its name.

    Raises:
        ValueError: a RETUSCHE_* variable of `steps.environment` cannot be understood.
        DuplicateStep, TypeError: the installation's steps do not fit together.
    """
    environment = settings.environment()
    plan = WorkerPlan(
        catalogue=catalogue,
        environment=environment,
        warm=settings.warm,
        log_level=settings.log_level,
    )
    runner = Runner(plan, settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        runner.start()
        try:
            yield
        finally:
            await runner.close()

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
    app.state.service = Service(
        settings=settings, environment=environment, registry=catalogue(), runner=runner
    )
    problems.install(app)
    openapi.install(app)
    for resource in (root, catalogue_api.router, run.router, health.router):
        app.include_router(resource)
    # The last one added is the first one passed.
    app.add_middleware(
        door.BodyLimit,
        max_bytes=settings.max_body_bytes,
        idle_seconds=settings.body_idle_seconds,
    )
    app.add_middleware(door.HostCheck)
    app.add_middleware(door.Trace)
    return app
