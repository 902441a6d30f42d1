"""Colour profiles: which are usable, and how CMYK and LAB become sRGB."""

import io
from collections.abc import Callable
from functools import lru_cache

from PIL import Image, ImageCms

from steps.errors import ImageTooLarge

MAX_PROFILE_BYTES = 8 * 2**20
"""Largest ICC profile that is read; press profiles have up to 3 MB, everything above is an attack."""

_SPACES = {b"RGB ": "RGB", b"GRAY": "GRAY", b"CMYK": "CMYK", b"Lab ": "LAB"}


def profile_space(icc: bytes | None) -> str | None:
    """Return the colour space of a profile: "RGB", "GRAY", "CMYK" or "LAB"; None if it is unusable.

    Only the header is read (ICC.1:2022, 7.2): its length, the signature "acsp" and the space.

    Raises:
        ImageTooLarge: the profile is larger than any real one.
    """
    if icc is None:
        return None
    check_profile_size(len(icc))
    if len(icc) < 128 or icc[36:40] != b"acsp" or int.from_bytes(icc[:4], "big") > len(icc):
        return None
    return _SPACES.get(icc[16:20])


def check_profile_size(count: int) -> None:
    """Refuse a profile of more than `MAX_PROFILE_BYTES`.

    Raises:
        ImageTooLarge: it has more.
    """
    if count > MAX_PROFILE_BYTES:
        raise ImageTooLarge(
            f"the embedded colour profile has more than {MAX_PROFILE_BYTES:,} bytes, the most accepted"
        )


@lru_cache(maxsize=1)
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def to_srgb(mode: str, icc: bytes | None) -> Callable[[Image.Image], Image.Image]:
    """Return a function that turns pictures of a mode ("CMYK", "LAB", "RGB") into sRGB.

    CMYK goes through its profile (relative colorimetric with black point compensation, as print
    software shows it) and, without a usable one, through Pillow's plain arithmetic.
    """
    if mode == "LAB":
        source = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    elif icc is None or profile_space(icc) != mode:
        return lambda picture: picture.convert("RGB")
    else:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        except OSError:
            return lambda picture: picture.convert("RGB")
    return _through(source, mode)


def _through(source: ImageCms.ImageCmsProfile, mode: str) -> Callable[[Image.Image], Image.Image]:
    try:
        transform = ImageCms.buildTransform(
            source,
            _srgb(),
            mode,
            "RGB",
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except ImageCms.PyCMSError:
        return lambda picture: picture.convert("RGB")

    def convert(picture: Image.Image) -> Image.Image:
        converted = ImageCms.applyTransform(picture, transform)
        assert converted is not None  # noqa: S101 -- None only with inPlace=True
        return converted

    return convert
