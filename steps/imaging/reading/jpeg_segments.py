"""Takes a JPEG apart into its segments without decoding it (ITU-T T.81, annex B)."""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from steps.errors import ImageUndecodable

_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
"""A marker that is neither a stuffed zero nor a restart. Fill bytes before it are skipped, and so are stray
bytes between two segments, which some cameras write and every decoder forgives."""
_MAX_SCANS = 100
"""Scans of one picture: progressive files have about 10; thousands are an attack on the decoder's time."""
_MAX_SEGMENTS = 10_000
"""Segments before the picture ends; a profile and an extended XMP block of a phone's photo have hundreds."""

SOI, EOI, SOS, DQT, COM = 0xD8, 0xD9, 0xDA, 0xDB, 0xFE
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True)
class Segment:
    """One marker segment; `body` is without the marker and the length."""

    marker: int
    body: bytes
    start: int
    end: int


@dataclass
class Segments:
    """A JPEG's segments in order, and the bytes of its scans."""

    found: list[Segment] = field(default_factory=list)
    scans: int = 0
    end: int = 0
    """Where the picture ends: behind its end-of-image marker."""

    def bodies(self, marker: int, prefix: bytes = b"") -> list[bytes]:
        """Return the bodies of a marker's segments that begin with a prefix, without it."""
        return [
            s.body[len(prefix) :]
            for s in self.found
            if s.marker == marker and s.body.startswith(prefix)
        ]


def split(content: bytes) -> Segments:
    """Walk through every segment up to the end of the picture.

    Raises:
        ImageUndecodable: a segment is cut off or malformed, or the picture does not end.
    """
    segments = Segments()
    for segment in _walk(content):
        segments.found.append(segment)
        segments.scans += segment.marker == SOS
        segments.end = segment.end
        if segments.scans > _MAX_SCANS:
            raise ImageUndecodable(f"the JPEG has more than {_MAX_SCANS} scans")
        if len(segments.found) > _MAX_SEGMENTS:
            raise ImageUndecodable(f"the JPEG has more than {_MAX_SEGMENTS:,} segments")
    if not segments.scans:
        raise ImageUndecodable(
            "the JPEG has no picture in it (its start-of-scan marker is missing)"
        )
    return segments


def _walk(content: bytes) -> Iterator[Segment]:
    at = 2
    while True:
        found = _MARKER.search(content, at)
        if found is None:
            raise ImageUndecodable("the JPEG is truncated: its end-of-image marker is missing")
        marker, start, at = content[found.end() - 1], found.start(), found.end()
        if marker == EOI:
            yield Segment(marker, b"", start, at)
            return
        if marker in (SOI, 0x01):
            raise ImageUndecodable(
                f"the JPEG is damaged: a marker FF{marker:02X} where none can be"
            )
        length = struct.unpack_from(">H", content, at)[0] if len(content) >= at + 2 else 0
        if length < 2 or at + length > len(content):
            raise ImageUndecodable(
                f"the JPEG is truncated or damaged: its segment FF{marker:02X} is cut off"
            )
        at += length
        yield Segment(marker, content[at - length + 2 : at], start, at)
