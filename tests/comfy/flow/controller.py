"""A jadice flow controller for tests, built from what is published of its REST (CONTRACT: jadice flow)."""

import json
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

TOKEN = "the-token"
PICTURE = b"\x89PNG made"


class Controller:
    """Runs inside `with`; a job goes through `states`, one at each question."""

    def __init__(self, states: Sequence[str] = ("STARTED", "FINISHED")) -> None:
        self.states = list(states)
        self.jobs: list[dict[str, Any]] = []
        self.answers: list[tuple[int, str]] = []
        """Answers given before anything else, for faults: (status, body)."""

    def __enter__(self) -> Self:
        controller = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(controller.get(self.path))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self._answer(controller.post(self.path, json.loads(body)))

            def _answer(self, found: object) -> None:
                status, content = 200, found if isinstance(found, bytes) else b""
                if isinstance(found, bytes):
                    pass  # a file's own link needs no token
                elif self.headers.get("Authorization") != f"Bearer {TOKEN}":
                    status, content = 401, b"{}"
                elif controller.answers:
                    status, text = controller.answers.pop(0)
                    content = text.encode()
                elif found is None:
                    status, content = 404, b'{"message": "not found"}'
                else:
                    content = json.dumps(found).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def get(self, path: str) -> object:
        match path.strip("/").split("/"):
            case ["job", "template-names"]:
                return ["anonymize", "ocr"]
            case ["job", "execution", "1"]:
                state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
                return {"jobExecutionID": 1, "traceID": "abc", "status": state}
            case ["job", "result", "1"]:
                made = {"url": f"{self.url}/made.png", "filename": "../made.png"}
                return [{**made, "type": "BASE_PART", "mimeType": "image/png"}, {"url": None}]
            case ["made.png"]:
                return PICTURE
        return None

    def post(self, path: str, body: dict[str, Any]) -> object:
        if path != "/job/create":
            return None
        self.jobs.append(body)
        return {"jobExecutionID": len(self.jobs), "traceID": "abc", "status": "STARTING"}
