"""Why a run gave no result although the step is not at fault.

RunnerError
├── QueueFull          queue-full          too many pictures wait already
├── WorkerLost         worker-lost         the process died in the middle
├── DeadlineExceeded   deadline-exceeded   no result within the time allowed
└── ShuttingDown       shutting-down       the service is ending
"""

from typing import ClassVar


class RunnerError(Exception):
    """Base: what happened, with a stable code. The same call may succeed later."""

    code: ClassVar[str] = "worker-lost"

    def __init__(self, detail: str) -> None:
        """Keep one sentence for the caller."""
        super().__init__(detail)
        self.detail = detail


class QueueFull(RunnerError):
    """Too many pictures wait already."""

    code = "queue-full"


class WorkerLost(RunnerError):
    """The worker process died in the middle of the work, or none can be started."""

    code = "worker-lost"


class DeadlineExceeded(RunnerError):
    """No result within the time allowed."""

    code = "deadline-exceeded"


class ShuttingDown(RunnerError):
    """The service is ending and takes no more work."""

    code = "shutting-down"
