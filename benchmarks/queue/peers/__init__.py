"""The same no-op on plain Celery and on LitServe: scripts for virtual environments of their own."""
