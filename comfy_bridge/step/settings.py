"""Where the ComfyUI servers and the workflows are: RETUSCHE_COMFYUI_* variables."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What an operator sets."""

    urls: tuple[str, ...] = ()
    """Base addresses of the servers. RETUSCHE_COMFYUI_URLS, by commas; user:password@ is basic authentication."""
    workflows: Path | None = None
    """Folder of the operator's own workflows. RETUSCHE_COMFYUI_WORKFLOWS."""

    @classmethod
    def from_env(cls, variables: Mapping[str, str] | None = None) -> "Settings":
        """Read the variables (of this process by default).

        Raises:
            ValueError: an address is none; the message names the variable.
        """
        env = os.environ if variables is None else variables
        given = (url.strip() for url in env.get("RETUSCHE_COMFYUI_URLS", "").split(","))
        return cls(
            urls=tuple(_address(url) for url in given if url), workflows=workflows_folder(env)
        )


def workflows_folder(variables: Mapping[str, str] | None = None) -> Path | None:
    """Return the folder of the operator's own workflows, if there is one."""
    env = os.environ if variables is None else variables
    folder = env.get("RETUSCHE_COMFYUI_WORKFLOWS")
    return Path(folder) if folder else None


def _address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(
            f"RETUSCHE_COMFYUI_URLS: {url!r} is no address of a server; e.g. http://127.0.0.1:8188"
        )
    return url.rstrip("/")
