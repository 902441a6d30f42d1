"""One process of an installation with the steps of these tests: `python -m tests.faults.process ROLE [NAME]`.

The same functions as behind `retusche serve`, `worker` and `keeper`, which know the installed steps alone.
"""

if __name__ == "__main__":
    # Worker processes of the embedded form import this module again, and need none of these.
    import sys

    from connector import serving
    from connector.queue import keeper, worker
    from connector.settings import Settings
    from tests.faults import steps

    settings = Settings()
    match sys.argv[1:]:
        case ["api"]:
            serving.serve(settings, steps.registry)
        case ["worker", name]:
            options = worker.WorkerOptions(name=name, queues=settings.worker_queues)
            worker.run(settings, steps.registry, options)
        case ["keeper"]:
            keeper.run(settings)
        case _:
            raise SystemExit(__doc__)
