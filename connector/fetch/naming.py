"""What the head of an answer says about a file: its type and its name, both only claims."""

import re
import unicodedata
from email.message import Message
from pathlib import PurePosixPath
from urllib.parse import unquote

MAX_NAME = 200
"""Longest file name, characters: below the 255 bytes of most file systems for all but exotic scripts."""


def media_type(content_type: str) -> str:
    """Return the media type in lower case without parameters; "" where there is none."""
    found = content_type.partition(";")[0].strip().lower()
    return found if re.fullmatch(r"[\w.+-]+/[\w.+-]+", found, re.ASCII) else ""


def filename(content_disposition: str, path: str) -> str:
    """Return a plain file name: from Content-Disposition (RFC 6266), else the path's last segment; "" if none.

    Folders, control characters and leading dots are dropped, so that a name is never a way out of a folder.
    """
    head = Message()
    head["Content-Disposition"] = "".join(c for c in content_disposition if c.isprintable())
    return _plain(head.get_filename() or "") or _plain(unquote(PurePosixPath(path).name))


def _plain(name: str) -> str:
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    name = "".join(c for c in name if c.isprintable()).strip().lstrip(".")
    if len(name) <= MAX_NAME:
        return name
    suffix = PurePosixPath(name).suffix[:20]
    return name[: MAX_NAME - len(suffix)] + suffix
