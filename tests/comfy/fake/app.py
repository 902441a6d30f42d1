"""The fake's routes, in the shapes that COMFYUI's have."""

import asyncio
import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.comfy.fake.checks import broken, node_errors, outputs
from tests.comfy.fake.executor import Executor, Prompt
from tests.comfy.fake.folders import Folders
from tests.comfy.fake.nodes import EVERY


@dataclass
class Faults:
    """What goes wrong on purpose."""

    no_websocket: bool = False
    """The websocket is refused, as by a proxy."""
    silent: bool = False
    """No message is sent, although the websocket stands."""
    unavailable: bool = False
    """Everything answers 503, as a proxy before a dead server."""
    stalled: bool = False
    """Nothing is answered."""
    slow_upload: bool = False
    """Uploads are not answered."""


@dataclass
class Fake:
    """One server's state."""

    version: str = "0.33.0"
    faults: Faults = field(default_factory=Faults)
    folders: Folders = field(default_factory=Folders)
    requests: list[str] = field(default_factory=list)
    """"METHOD path" of each."""
    freed: int = 0
    upload_began: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.sockets: dict[str, WebSocket] = {}
        self.executor = Executor(self.folders, self._send)
        self.numbers = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def _send(self, client_id: str, kind: str, data: dict[str, Any]) -> None:
        socket = self.sockets.get(client_id)
        if socket is None or self.faults.silent:
            return
        task = asyncio.ensure_future(self._sent(socket, {"type": kind, "data": data}))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _sent(self, socket: WebSocket, message: dict[str, Any]) -> None:
        try:
            await socket.send_text(json.dumps(message))
        except (RuntimeError, WebSocketDisconnect):
            return  # the client went away

    async def drop_websockets(self) -> None:
        """Break every websocket."""
        for socket in list(self.sockets.values()):
            await socket.close(1011)

    async def upload(self, request: Request) -> Response:
        self.upload_began.set()
        while self.faults.slow_upload:
            await asyncio.sleep(0.01)
        form = await request.form()
        image = form.get("image")
        subfolder = str(form.get("subfolder", ""))
        if not isinstance(image, UploadFile) or not image.filename or ".." in subfolder:
            return Response(status_code=400)
        name = self.folders.upload(image.filename, subfolder, await image.read())
        return JSONResponse({"name": name, "subfolder": subfolder, "type": "input"})

    async def prompt(self, request: Request) -> Response:
        try:
            body = await request.json()
        except ValueError:
            return PlainTextResponse("500 Internal Server Error", 500)
        graph = body["prompt"]
        error = broken(graph)
        if error is not None:
            return JSONResponse({"error": error, "node_errors": {}}, 400)
        errors = node_errors(graph, self.folders)
        bad = {output for each in errors.values() for output in each["dependent_outputs"]}
        good = [output for output in outputs(graph) if output not in bad]
        if not good:
            error = {
                "type": "prompt_outputs_failed_validation",
                "message": "Prompt outputs failed validation",
            }
            return JSONResponse({"error": error, "node_errors": errors}, 400)
        prompt_id = body.get("prompt_id") or str(uuid.uuid4())
        if str(uuid.UUID(prompt_id)) != prompt_id:
            return JSONResponse({"error": {"type": "invalid_prompt_id"}, "node_errors": {}}, 400)
        self.numbers += 1
        made = Prompt(self.numbers, prompt_id, graph, body.get("client_id", ""), good)
        self.executor.pending.append(made)
        self.executor.wake.set()
        return JSONResponse({"prompt_id": prompt_id, "number": made.number, "node_errors": errors})

    async def history(self, request: Request) -> Response:
        prompt_id = request.path_params["prompt_id"]
        entry = self.executor.history.get(prompt_id)
        return JSONResponse({prompt_id: entry} if entry else {})

    async def queue(self, request: Request) -> Response:
        executor = self.executor
        if request.method == "POST":
            gone = set((await request.json()).get("delete", ()))
            executor.pending = [each for each in executor.pending if each.id not in gone]
            return Response()
        running = [executor.running] if executor.running else []
        return JSONResponse(
            {
                "queue_running": [[each.number, each.id, each.graph, {}, []] for each in running],
                "queue_pending": [
                    [each.number, each.id, each.graph, {}, []]
                    for each in reversed(executor.pending)
                ],
            }
        )

    async def interrupt(self, request: Request) -> Response:
        self.executor.interrupts += 1
        wanted = (await request.json()).get("prompt_id")
        running = self.executor.running
        if running is not None and wanted in (None, running.id):
            self.executor.is_interrupted = True
        return Response()

    async def free(self, request: Request) -> Response:
        self.freed += 1
        return Response()

    async def view(self, request: Request) -> Response:
        given = request.query_params
        key = (given.get("type", "output"), given.get("subfolder", ""), given["filename"])
        content = self.folders.files.get(key)
        return Response(content, media_type="image/png") if content else Response(status_code=404)

    async def stats(self, request: Request) -> Response:
        return JSONResponse({"system": {"comfyui_version": self.version}, "devices": []})

    async def object_info(self, request: Request) -> Response:
        return JSONResponse({name: kind.described() for name, kind in EVERY.items()})

    async def websocket(self, socket: WebSocket) -> None:
        if self.faults.no_websocket:
            await socket.close()
            return
        client_id = socket.query_params["clientId"]
        await socket.accept()
        self.sockets[client_id] = socket
        status = {"exec_info": {"queue_remaining": len(self.executor.pending)}}
        await socket.send_text(
            json.dumps({"type": "status", "data": {"status": status, "sid": client_id}})
        )
        await socket.send_bytes(b"\0\0\0\1\0\0\0\1 a preview")
        try:
            while True:
                await socket.receive_text()
        except (WebSocketDisconnect, RuntimeError):
            if self.sockets.get(client_id) is socket:
                del self.sockets[client_id]

    def app(self) -> Any:
        """Return the ASGI application."""
        routes = [
            Route("/upload/image", self.upload, methods=["POST"]),
            Route("/prompt", self.prompt, methods=["POST"]),
            Route("/history/{prompt_id}", self.history),
            Route("/queue", self.queue, methods=["GET", "POST"]),
            Route("/interrupt", self.interrupt, methods=["POST"]),
            Route("/free", self.free, methods=["POST"]),
            Route("/view", self.view),
            Route("/system_stats", self.stats),
            Route("/object_info", self.object_info),
            WebSocketRoute("/ws", self.websocket),
        ]
        inner = Starlette(routes=routes)

        async def outer(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                self.requests.append(f"{scope['method']} {scope['path']}")
                while self.faults.stalled:
                    await asyncio.sleep(0.01)
                if self.faults.unavailable:
                    await Response(status_code=503)(scope, receive, send)
                    return
            await inner(scope, receive, send)

        return outer
