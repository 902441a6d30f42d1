import pytest

from connector.api.negotiation import Wanted, wanted
from connector.api.problems import ApiError

PICTURE = Wanted(json=False)
JSON = Wanted(json=True)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, PICTURE),
        ("", PICTURE),
        ("*/*", PICTURE),
        ("image/*", PICTURE),
        ("application/json", JSON),
        ("Application/JSON; charset=utf-8", JSON),
        ("application/*", JSON),
        ("application/json, text/plain, */*", JSON),
        ("text/html, application/json;q=0.9, image/*;q=0.8", JSON),
        ("application/json;q=0.5, image/*", PICTURE),
        ("application/json;q=0, */*", PICTURE),
        ("image/*;q=0, */*;q=0.1", JSON),
        ("image/png", Wanted(json=False, image_types=("image/png",))),
        (
            "image/png;q=0.5, image/webp",
            Wanted(json=False, image_types=("image/webp", "image/png")),
        ),
        ("image/png, application/json", Wanted(json=False, image_types=("image/png",))),
        ("image/avif, image/webp, */*", PICTURE),
        ("image/png;q=oops, application/json;q=0.1", JSON),
    ],
)
def test_what_is_wanted(accept: str | None, expected: Wanted) -> None:
    assert wanted(accept) == expected


@pytest.mark.parametrize(
    "accept", ["text/html", "image/png;q=0", "*/*;q=0", "application/problem+json"]
)
def test_nothing_that_could_be_given(accept: str) -> None:
    with pytest.raises(ApiError) as caught:
        wanted(accept)
    assert caught.value.code == "not-acceptable"
