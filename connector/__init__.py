"""The service: HTTP, jobs, storage and queue in front of the steps."""
