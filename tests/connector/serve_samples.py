"""The service with the sample steps, as a process: `python -m tests.connector.serve_samples`."""

if __name__ == "__main__":
    # Worker processes import this module again, and need none of these.
    from connector.serving import serve
    from connector.settings import Settings
    from tests.connector import sample_steps

    serve(Settings(), sample_steps.registry)
