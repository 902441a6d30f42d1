"""Which media type a caller wants, by its `Accept` header (RFC 9110, section 12.5.1)."""

from collections.abc import Sequence
from dataclasses import dataclass

from connector.api.problems import ApiError

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the answer of a run is to be."""

    json: bool
    """Whether everything as JSON, or the one result's bytes."""
    image_types: tuple[str, ...] = ()
    """The picture types that the caller takes, best first; empty means any."""


@dataclass(frozen=True, slots=True)
class _Range:
    media_type: str
    quality: float

    def specificity(self, offered: str) -> int:
        """Return 3 for the very type, 2 for its family, 1 for anything, 0 for no match."""
        if self.media_type == offered:
            return 3
        if self.media_type == offered.partition("/")[0] + "/*":
            return 2
        return 1 if self.media_type == "*/*" else 0


def wanted(accept: str | None) -> Wanted:
    """Decide between picture and JSON; a tie goes to the one that is named more exactly, then the picture.

    Raises:
        ApiError: "not-acceptable", when neither is accepted.
    """
    ranges = _parse(accept) if accept and accept.strip() else [_Range("*/*", 1.0)]
    exact = {r.media_type: r.quality for r in ranges if _is_picture(r) and r.quality > 0}
    json = _best(ranges, JSON)
    any_image = _best(ranges, "image/*")
    image = max([any_image, *((quality, 3) for quality in exact.values())])
    if json[0] <= 0 and image[0] <= 0:
        raise ApiError(
            "not-acceptable",
            "the Accept header names nothing that a run gives; accepted: image/*, a picture type, "
            "application/json",
        )
    if json > image:
        return Wanted(json=True)
    types = () if any_image[0] > 0 else tuple(sorted(exact, key=lambda t: -exact[t]))
    return Wanted(json=False, image_types=types)


def preferred(accept: str | None, offered: Sequence[str]) -> str:
    """Return what the caller likes best; of equals what is named more exactly, then what is offered first.

    Who accepts none of it gets the first one too: a resource with a plain form is better than an error.
    """
    ranges = _parse(accept) if accept and accept.strip() else [_Range("*/*", 1.0)]
    return max(offered, key=lambda media_type: _best(ranges, media_type))


def _is_picture(media_range: _Range) -> bool:
    return media_range.media_type.startswith("image/") and media_range.media_type != "image/*"


def _best(ranges: list[_Range], offered: str) -> tuple[float, int]:
    """Return (quality, specificity) of the most specific range that matches; (0, 0) for none."""
    found = max(
        ((r.specificity(offered), r.quality) for r in ranges if r.specificity(offered)),
        default=(0, 0.0),
    )
    return found[1], found[0]


def _parse(accept: str) -> list[_Range]:
    ranges = []
    for entry in accept.split(","):
        media_type, *options = (word.strip().lower() for word in entry.split(";"))
        if media_type:
            ranges.append(_Range(media_type, _quality(options)))
    return ranges


def _quality(options: list[str]) -> float:
    for option in options:
        name, _, value = option.partition("=")
        if name.strip() == "q":
            try:
                return min(1.0, max(0.0, float(value)))
            except ValueError:
                return 0.0  # a range whose weight cannot be read is not asked for
    return 1.0
