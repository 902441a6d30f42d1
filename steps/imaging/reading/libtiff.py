"""Hears what libtiff complains about, which Pillow leaves to the library's default: a line on standard error.

A damaged fax page prints one line for each of its rows and passes for a good one. Here the complaints are counted for
the thread that decodes, so that such a page is refused, and nothing is printed. Where Pillow was built so that the
symbol cannot be found (a static libtiff), the default stays.
"""

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from PIL import _imaging

from steps.errors import ImageUndecodable

_Callback = ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p)
"""TIFFErrorHandler of tiffio.h: module, printf format, arguments."""

_heard = threading.local()


def _hear(module: bytes | None, text: bytes | None, _arguments: int | None) -> None:
    words = b": ".join(part for part in (module, text) if part)
    _heard.first = getattr(_heard, "first", None) or words.decode("ascii", "replace")


_callback = _Callback(_hear)


@cache
def _install() -> None:
    """Replace the error handler of Pillow's own libtiff, once in a process."""
    # The library of Pillow's module is loaded already; looking up a name in it finds those of its dependencies.
    library = ctypes.CDLL(_imaging.__file__)
    try:
        replace = library.TIFFSetErrorHandler
    except AttributeError:
        return
    replace.restype, replace.argtypes = ctypes.c_void_p, [_Callback]
    replace(_callback)


@contextmanager
def strict_libtiff() -> Iterator[None]:
    """Decode a TIFF inside, and fail if libtiff complained, even where it carried on.

    Raises:
        ImageUndecodable: it did; its first complaint (a printf format) is in the message.
    """
    _install()
    _heard.first = None
    yield
    if _heard.first:
        raise ImageUndecodable(f"the TIFF is damaged or truncated: {_heard.first}")
