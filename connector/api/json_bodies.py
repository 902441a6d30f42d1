"""JSON bodies, parsed in bounded memory."""

from pydantic_core import from_json
from starlette.requests import Request

from connector.api.problems import ApiError

JSON = "application/json"

MOST_VALUES = 4_000_000
"""Values of one body. An item of a job takes about 20 of them, pictures in `data:` URLs one each; a list of
nothings takes 60 times its own bytes of memory, so that the limit on bytes alone bounds nothing."""


def parse(body: bytes, where: str) -> object:
    """Return what a JSON text says.

    Args:
        body: UTF-8.
        where: what it is, for the error, e.g. "the body".

    Raises:
        ApiError: "body-malformed" or "body-too-large".
    """
    if sum(map(body.count, (b",", b"[", b"{"))) > MOST_VALUES:
        detail = f"{where} holds more values than are accepted: {MOST_VALUES:,} at most"
        raise ApiError("body-too-large", detail)
    try:
        return from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise ApiError("body-malformed", f"{where} is not JSON: {error}") from None


def require(request: Request) -> None:
    """See that a body claims to be JSON.

    Raises:
        ApiError: "media-type-unsupported".
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != JSON:
        raise ApiError(
            "media-type-unsupported",
            f"a body of type {media_type or '(none)'} is not taken here; accepted: {JSON}",
            headers={"Accept-Post": JSON},
        )
