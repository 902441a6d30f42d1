"""Why a request cannot become a job."""

Errors = tuple[tuple[str, str], ...]
"""Faults of single fields: (JSON pointer into the request, detail)."""


class Rejected(Exception):
    """The request is at fault; `code` is one of those that the API knows a status for."""

    def __init__(self, code: str, detail: str, *, errors: Errors = ()) -> None:
        """Keep what the caller is told.

        Args:
            code: stable name of the kind of fault.
            detail: one sentence.
            errors: every field at fault.
        """
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.errors = errors


def at(pointer: str, detail: str, code: str = "request-invalid") -> Rejected:
    """Return the rejection for one field."""
    return Rejected(code, f"{pointer}: {detail}", errors=((pointer, detail),))
