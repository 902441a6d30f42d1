"""What travels between jadice flow and us, in its own names.

Fields that we do not know are left alone, and null means left out: flow's Java clients write out every
field of their classes, of which only these are published.
"""

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from pydantic.alias_generators import to_camel

from steps.contract import Message, PartType, Role


class FlowModel(BaseModel):
    """Base of jadice flow's objects."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="ignore",
        frozen=True,
        use_attribute_docstrings=True,
    )


class FlowPart(FlowModel):
    """One data stream of an item."""

    url: str
    """`https:`, `data:` (small files), or a file of this service."""
    filename: str | None = None
    mime_type: str | None = None
    """Media type; the content decides what is really decoded."""
    type: PartType | None = None
    """BASE_PART (also where it is left out) is worked on, META is carried through."""
    role: Role | None = None
    """Our addition, for steps that take more than one picture: source (also where it is left out), style, mask."""

    @property
    def is_worked_on(self) -> bool:
        """Whether steps see it."""
        return self.type is not PartType.META


class FlowItem(FlowModel):
    """A logical document."""

    parts: tuple[FlowPart, ...]
    index_data: dict[str, JsonValue] | None = None
    processing_properties: dict[str, JsonValue] | None = None


class FlowJobRequest(FlowModel):
    """What `POST /job/create` takes."""

    job_template_name: str
    """Name of a template of this service, or of a step."""
    priority: int | None = None
    """Higher first, -100 to 100."""
    items: tuple[FlowItem, ...]
    """At least one."""


class JobInformation(FlowModel):
    """A job as flow's clients see it."""

    job_execution_id: int = Field(alias="jobExecutionID", ge=1)
    """Number of the job; it holds as long as the job is kept."""
    trace_id: str | None = Field(alias="traceID")
    """Finds the job in the service's log."""
    status: str
    """STARTING, STARTED, FINISHED, FAILED or STOPPED."""


class ResultPart(FlowModel):
    """A part of a result."""

    url: str | None
    """Link that needs no header and expires with the job."""
    filename: str
    mime_type: str
    type: PartType
    role: Role


class WorkerParameter(FlowModel):
    """A parameter as workers.yaml and jobtemplates.yaml write it."""

    name: str
    type: str | None = None
    """Java class name; the step's own schema decides."""
    value: str | None = None
    """JSON inside a string, or plain text; null and the empty string mean the default."""


class WorkerItem(FlowItem):
    """What `POST /jadice/{step}` takes: an item, and the step's parameters."""

    parameters: tuple[WorkerParameter, ...] | dict[str, JsonValue] | None = None
    """As in workers.yaml, or an object of names and values."""


class WorkerAnswer(FlowModel):
    """What `POST /jadice/{step}` gives back; fields of the item that we do not know stand beside these."""

    parts: tuple[ResultPart, ...]
    """The item's own parts, what was replaced marked META, then the new ones."""
    messages: tuple[Message, ...]
    """Our addition: what the step has to say."""
