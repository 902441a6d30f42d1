"""The tree of step errors.

Every error has a stable ``code`` (what a caller's program reads), a ``retryable`` flag (whether
the same call may succeed later without a change), and optionally the ``pointer`` of the field or
the name of the file that is at fault. The connector maps codes to HTTP statuses in one table.

    StepError
    ├── InvalidParameters        parameters-invalid
    ├── InvalidItem              item-invalid             a part is missing, superfluous, or of a wrong role
    ├── ImageError
    │   ├── ImageUndecodable     image-undecodable        not an image, truncated, damaged
    │   ├── ImageUnsupported     image-unsupported        a known kind that no step takes (animated, SVG, …)
    │   └── ImageTooLarge        image-too-large          over a limit on bytes, pixels or pages
    ├── UnknownStep              step-unknown
    ├── BackendError
    │   ├── BackendUnavailable   backend-unavailable      not installed, not allowed, or not known
    │   ├── BackendUnreachable   backend-unreachable      retryable; its server does not answer, or went away
    │   ├── WeightsMissing       weights-missing          not in the cache; says how to get them
    │   └── WeightsInvalid       weights-invalid          the wrong hash or a damaged file
    ├── ResidualDetections       residual-detections      something to remove is still seen in the result
    ├── OutOfMemory              out-of-memory            retryable
    ├── Cancelled                cancelled
    └── StepFailed               step-failed              everything else that a step cannot mend
"""

from typing import ClassVar


class StepError(Exception):
    """Base of everything that a step raises on purpose."""

    code: ClassVar[str] = "step-failed"
    """Stable, machine-readable name of the error."""
    retryable: ClassVar[bool] = False
    """Whether the same call may succeed later without a change."""

    def __init__(self, detail: str, *, pointer: str | None = None) -> None:
        """Keep what a person reads and where the fault lies.

        Args:
            detail: one sentence that names what is wrong and what would be accepted.
            pointer: JSON pointer of the parameter, or the name of the file, that is at fault.
        """
        super().__init__(detail)
        self.detail = detail
        self.pointer = pointer


class InvalidParameters(StepError):
    """The parameters do not fit the step's schema."""

    code = "parameters-invalid"

    def __init__(
        self,
        detail: str,
        *,
        pointer: str | None = None,
        errors: tuple[tuple[str, str], ...] = (),
    ) -> None:
        """Keep every fault: ``errors`` is a tuple of (JSON pointer, detail)."""
        super().__init__(detail, pointer=pointer)
        self.errors = errors


class InvalidItem(StepError):
    """The item lacks a part that the step needs, or holds one that it cannot use."""

    code = "item-invalid"


class ImageError(StepError):
    """A picture that cannot be worked on."""

    code = "image-undecodable"


class ImageUndecodable(ImageError):
    """The bytes are not a picture, or a damaged one."""

    code = "image-undecodable"


class ImageUnsupported(ImageError):
    """A picture of a known kind that no step takes."""

    code = "image-unsupported"


class ImageTooLarge(ImageError):
    """A picture over a limit on bytes, pixels or pages; found on the header, before decoding."""

    code = "image-too-large"


class UnknownStep(StepError):
    """No step of that name is registered."""

    code = "step-unknown"


class BackendError(StepError):
    """A backend or its weights cannot be used."""

    code = "backend-unavailable"


class BackendUnavailable(BackendError):
    """The backend is not installed, not allowed by its licence, or not known."""

    code = "backend-unavailable"


class BackendUnreachable(BackendError):
    """The backend is a server of its own, and does not answer, or went away in the middle."""

    code = "backend-unreachable"
    retryable = True


class WeightsMissing(BackendError):
    """The weights are not in the cache; the detail says how to get them."""

    code = "weights-missing"


class WeightsInvalid(BackendError):
    """A weights file has another hash than the pinned one, or cannot be read."""

    code = "weights-invalid"


class ResidualDetections(StepError):
    """Something that had to be removed is still detected in the result."""

    code = "residual-detections"


class OutOfMemory(StepError):
    """Memory ran out even at the smallest tile."""

    code = "out-of-memory"
    retryable = True


class Cancelled(StepError):
    """The caller cancelled the work."""

    code = "cancelled"


class StepFailed(StepError):
    """The step could not do its work for another reason."""

    code = "step-failed"
