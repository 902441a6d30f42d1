"""One process of an installation with the steps of these tests: `python -m tests.faults.process ROLE [NAME]`.

The same functions as behind `retusche serve`, `worker` and `keeper`, which know the installed steps alone.
"""

import sys

from connector import serving
from connector.queue import keeper, worker
from connector.settings import Settings
from tests.faults import steps


def run(role: str, name: str) -> None:
    """Be an api, a worker of a name, or a keeper, as RETUSCHE_* variables say, until told to end."""
    settings = Settings()
    match role:
        case "api":
            serving.serve(settings, steps.registry)
        case "worker":
            options = worker.WorkerOptions(name=name, queues=settings.worker_queues)
            worker.run(settings, steps.registry, options)
        case "keeper":
            keeper.run(settings)
        case _:
            raise ValueError(f"{role!r} is no role; accepted: api, worker, keeper")


if __name__ == "__main__":
    run(*sys.argv[1:3])
