"""What a caller writes to get a job."""

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from connector.jobs.templates import MAX_STEPS, TemplateStep
from connector.output import OutputOptions
from steps.contract import PartType, Role, Wire

MAX_PARTS = 16
"""Parts of one item: a source, a style and masks with room to spare."""
MAX_NAME = 255
"""Characters of a file's name, as on most file systems."""
PLAIN = r"^[^\x00-\x1f\x7f]*$"
"""Text without control characters: it comes back in headers, logs and names of files."""
MEDIA_TYPE = r"^[A-Za-z0-9_.+-]+/[A-Za-z0-9_.+-]+$"
MAX_DEADLINE_SECONDS = 30 * 24 * 3600
"""A month: longer than any queue is meant to be."""

CallbackEvent = Literal["job.finished", "job.failed", "job.cancelled"]


class JobPart(Wire):
    """One data stream of an item."""

    url: str
    """`https:` (fetched when the item is worked on), `s3:` (in a bucket that the operator lists), `data:` (small
    files), or a file of this service: `/v1/files/{id}` or the link of a result."""
    filename: Annotated[str, Field(max_length=MAX_NAME)] = ""
    """Name of the file; the result's name derives from it. Left out: the URL's."""
    mime_type: Annotated[str, Field(max_length=128, pattern=MEDIA_TYPE)] | None = None
    """Media type; left out: that of the URL. The content decides what is really decoded."""
    type: PartType = PartType.BASE_PART
    """BASE_PART is worked on, META is carried through."""
    role: Role = Role.SOURCE
    """What the part is to the steps."""


class JobItem(Wire):
    """A logical document: one photo with its style reference, or one multi-page scan."""

    id: Annotated[str, Field(min_length=1, max_length=256, pattern=PLAIN)] | None = None
    """Unique within the job; left out: its number, from 1."""
    parts: Annotated[tuple[JobPart, ...], Field(max_length=MAX_PARTS)]
    """Empty only where no step needs a picture: one that makes pictures from words, say."""
    index_data: dict[str, JsonValue] = Field(default_factory=dict)
    """The caller's own fields; they travel through unchanged."""
    processing_properties: dict[str, JsonValue] = Field(default_factory=dict)
    """Likewise."""


class Callback(Wire):
    """Where to tell that the job has ended."""

    url: str
    """Gets a signed POST; public https, or what the operator allows."""
    events: tuple[CallbackEvent, ...] = ("job.finished", "job.failed", "job.cancelled")


class JobHead(Wire):
    """A job without its items."""

    steps: Annotated[tuple[TemplateStep, ...], Field(min_length=1, max_length=MAX_STEPS)] | None = (
        None
    )
    """The chain that each item runs through; this or `template`."""
    template: str | None = None
    """Name of a pipeline of this service (`GET /v1/templates`)."""
    priority: Annotated[int, Field(ge=-100, le=100)] | None = None
    """Higher first; left out: the template's, or 0."""
    deadline_seconds: Annotated[float, Field(gt=0, le=MAX_DEADLINE_SECONDS)] | None = None
    """What is not finished so many seconds after the job was made fails as `deadline-exceeded`."""
    correlation: Annotated[str, Field(max_length=256, pattern=PLAIN)] | None = None
    """The caller's own mark; it comes back in the job and in callbacks."""
    output: OutputOptions | None = None
    """How to encode the results; left out: the template's, or as the source."""
    callback: Callback | None = None


class JobRequest(JobHead):
    """A job: any number of items that run through the same chain of steps."""

    items: Annotated[tuple[JobItem, ...], Field(min_length=1)]
    """Each is worked on, tried again and failed on its own."""
