"""One ComfyUI server over HTTP: every route that the bridge uses, with errors told apart."""

import json
import logging
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx

from comfy_bridge.client.errors import AnswerUnexpected, ServerUnreachable
from comfy_bridge.client.graph import Graph
from comfy_bridge.client.history import FileRef
from comfy_bridge.client.refusals import refusal

log = logging.getLogger(__name__)

TIMEOUT = httpx.Timeout(30.0, connect=5.0)
"""Seconds; a server that loads a model answers late, one that is there connects at once."""
_GATEWAY = frozenset({502, 503, 504})
"""A proxy's way to say that the server behind it is away."""
_EXCERPT = 300
"""Characters of an unexpected answer that an error repeats."""


@dataclass(frozen=True)
class Queue:
    """Ids of the prompts that a server has, the oldest first."""

    running: tuple[str, ...]
    pending: tuple[str, ...]

    @property
    def length(self) -> int:
        """How many there are."""
        return len(self.running) + len(self.pending)

    def __contains__(self, prompt_id: object) -> bool:
        return prompt_id in self.running or prompt_id in self.pending


class Server:
    """A ComfyUI server. Every call raises `ServerUnreachable` or `AnswerUnexpected` where none of its own."""

    def __init__(self, url: str, http: httpx.AsyncClient) -> None:
        """Keep the connection.

        Args:
            url: base address, perhaps with a path; user and password in it become basic authentication.
            http: client whose `base_url` is that address.
        """
        self.url, self._http = url, http

    @property
    def name(self) -> str:
        """Host and port: for logs and messages, without credentials."""
        return urlsplit(self.url).netloc.rpartition("@")[2]

    async def version(self) -> str:
        """Return ComfyUI's own version, "" where it names none."""
        stats = await self._json("GET", "/system_stats")
        return str(stats.get("system", {}).get("comfyui_version", ""))

    async def object_info(self) -> dict[str, Any]:
        """Return every node class with its inputs and outputs."""
        return await self._json("GET", "/object_info")

    async def upload(self, content: bytes, *, filename: str, subfolder: str) -> str:
        """Store a picture in the server's input folder and return how LoadImage calls it.

        The server gives another name where a different file has this one; that is what is returned.
        """
        answer = await self._json(
            "POST",
            "/upload/image",
            files={"image": (filename, content, "image/png")},
            data={"type": "input", "subfolder": subfolder},
        )
        name, folder = answer.get("name"), answer.get("subfolder", "")
        if not isinstance(name, str):
            raise AnswerUnexpected(f"the upload's answer names no file: {_short(str(answer))}")
        return f"{folder}/{name}" if folder else name

    async def submit(self, graph: Graph, *, prompt_id: str, client_id: str) -> None:
        """Put a workflow into the server's queue.

        Args:
            graph: in API format.
            prompt_id: a lower-case UUID, so that the prompt can be taken back even if the answer is lost.
            client_id: whose websocket gets the news.

        Raises:
            PromptRefused: it, or a branch of it, does not pass the server's checks. The server may have
                queued the rest of it.
        """
        body = {"prompt": graph, "prompt_id": prompt_id, "client_id": client_id}
        response = await self._send("POST", "/prompt", json=body)
        answer = _object(response) if response.status_code in (200, 400) else {}
        refused = refusal(answer)
        if refused is not None:
            raise refused
        if response.status_code != 200:
            raise _unexpected(response)

    async def history(self, prompt_id: str) -> dict[str, Any] | None:
        """Return the history's entry of a prompt; None as long as it has not ended."""
        found = (await self._json("GET", f"/history/{prompt_id}")).get(prompt_id)
        return found if isinstance(found, dict) else None

    async def queue(self) -> Queue:
        """Return what runs and what waits."""
        answer = await self._json("GET", "/queue")
        running, pending = answer.get("queue_running"), answer.get("queue_pending")
        if not isinstance(running, list) or not isinstance(pending, list):
            raise AnswerUnexpected(f"the queue is none: {_short(str(answer))}")
        # Each is [number, prompt id, …]; the number orders them.
        ordered = sorted(pending, key=lambda each: float(each[0]))
        return Queue(tuple(each[1] for each in running), tuple(each[1] for each in ordered))

    async def delete(self, prompt_id: str) -> None:
        """Take a prompt out of the queue; nothing happens where it does not wait."""
        await self._done("/queue", {"delete": [prompt_id]})

    async def interrupt(self, prompt_id: str) -> None:
        """Interrupt a prompt; nothing happens where it does not run."""
        await self._done("/interrupt", {"prompt_id": prompt_id})

    async def free(self) -> None:
        """Ask the server to unload its models before the next prompt."""
        await self._done("/free", {"unload_models": True, "free_memory": True})

    async def download(self, file: FileRef, *, max_bytes: int) -> bytes:
        """Return a file, read in pieces.

        Raises:
            AnswerUnexpected: it is not there, or larger than `max_bytes`.
        """
        where = {"filename": file.filename, "subfolder": file.subfolder, "type": file.type}
        pieces, size = [], 0
        try:
            async with self._http.stream("GET", "/view", params=where) as response:
                if response.status_code != 200:
                    await response.aread()
                    raise self._fault(response)
                async for piece in response.aiter_bytes():
                    size += len(piece)
                    if size > max_bytes:
                        raise AnswerUnexpected(
                            f"{file.filename!r} is larger than {max_bytes:,} bytes"
                        )
                    pieces.append(piece)
        except httpx.TransportError as error:
            raise self._away(error) from error
        return b"".join(pieces)

    async def _done(self, path: str, body: Mapping[str, object]) -> None:
        response = await self._send("POST", path, json=body)
        if response.status_code != 200:
            raise _unexpected(response)

    async def _json(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        response = await self._send(method, path, **content)
        if response.status_code != 200:
            raise _unexpected(response)
        return _object(response)

    async def _send(self, method: str, path: str, **content: Any) -> httpx.Response:
        try:
            response = await self._http.request(method, path, **content)
        except httpx.TransportError as error:
            raise self._away(error) from error
        if response.status_code in _GATEWAY:
            raise self._fault(response)
        return response

    def _fault(self, response: httpx.Response) -> ServerUnreachable | AnswerUnexpected:
        if response.status_code in _GATEWAY:
            return ServerUnreachable(f"{self.name} answers {response.status_code}")
        return _unexpected(response)

    def _away(self, error: httpx.TransportError) -> ServerUnreachable:
        return ServerUnreachable(f"{self.name}: {type(error).__name__}: {error}".rstrip(": "))


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Server]:
    """Open a server's HTTP side; the machine's proxy settings do not apply, its certificates do."""
    async with httpx.AsyncClient(
        base_url=url, timeout=TIMEOUT, trust_env=False, verify=_certificates()
    ) as http:
        yield Server(url, http)


@cache
def _certificates() -> ssl.SSLContext:
    """Return the system's own, and those that SSL_CERT_FILE names; reading them takes tens of milliseconds."""
    return ssl.create_default_context()


def _object(response: httpx.Response) -> dict[str, Any]:
    try:
        found = response.json()
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise AnswerUnexpected(f"no JSON from {response.url.path}") from error
    if not isinstance(found, dict):
        raise AnswerUnexpected(f"no JSON object from {response.url.path}: {_short(response.text)}")
    return found


def _unexpected(response: httpx.Response) -> AnswerUnexpected:
    said = f": {_short(response.text)}" if response.text else ""
    return AnswerUnexpected(f"{response.url.path} answers {response.status_code}{said}")


def _short(text: str) -> str:
    return text if len(text) <= _EXCERPT else f"{text[:_EXCERPT]}…"
