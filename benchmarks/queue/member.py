"""One process of an installation whose catalogue is the no-op: `python -m benchmarks.queue.member api | worker`.

The same functions as behind `retusche serve` and `retusche worker`, which know the installed steps alone.
"""

if __name__ == "__main__":
    # Worker processes of the embedded form import this module again, and need none of these.
    import sys

    from benchmarks.queue import noop
    from connector import serving
    from connector.queue import worker
    from connector.settings import Settings

    settings = Settings()
    match sys.argv[1:]:
        case ["api"]:
            serving.serve(settings, noop.registry)
        case ["worker"]:
            options = worker.WorkerOptions(name=worker.unique_name(), queues=settings.worker_queues)
            worker.run(settings, noop.registry, options)
        case _:
            sys.exit(__doc__)
