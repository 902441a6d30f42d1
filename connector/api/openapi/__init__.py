"""What FastAPI cannot derive from the routes: bodies that they read themselves, typed steps, problems by code.

`responses`, `bodies` and `headers` are what a route declares; `steps` knows the schemas of a registry's
steps; `complete` puts them into the document.
"""

from connector.api.openapi.bodies import file_body, job_body, run_body
from connector.api.openapi.complete import install
from connector.api.openapi.headers import reads
from connector.api.openapi.responses import (
    CREATION,
    DATABASE,
    DOWNLOAD,
    READING,
    WORK,
    archive_responses,
    file_responses,
    job_responses,
    metrics_responses,
    problems,
    run_responses,
    stream_responses,
)

__all__ = [
    "CREATION",
    "DATABASE",
    "DOWNLOAD",
    "READING",
    "WORK",
    "archive_responses",
    "file_body",
    "file_responses",
    "install",
    "job_body",
    "job_responses",
    "metrics_responses",
    "problems",
    "reads",
    "run_body",
    "run_responses",
    "stream_responses",
]
