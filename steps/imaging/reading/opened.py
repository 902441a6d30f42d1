"""What every reader gives back after looking at a file's header."""

from typing import Protocol

from steps.imaging.document import Document
from steps.imaging.limits import Size


class Opened(Protocol):
    """A file whose header has been read; no pixel of it is decoded yet."""

    @property
    def sizes(self) -> tuple[Size, ...]:
        """(width, height) of every page as stored, in order; not yet checked against limits."""
        ...

    def decode(self) -> Document:
        """Decode every page.

        Raises:
            ImageUndecodable: the pixels are damaged or truncated.
            OutOfMemory: they do not fit into memory.
        """
        ...
