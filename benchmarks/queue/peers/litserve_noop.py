"""LitServe: an API that copies the picture of a multipart form (it takes no raw bodies).

python litserve_noop.py PORT
"""

import sys
from typing import Any, cast

import litserve  # type: ignore[import-not-found, unused-ignore]
from fastapi import Request, Response


class Copy(litserve.LitAPI):  # type: ignore[misc]
    """Copies a picture."""

    def setup(self, device: str) -> None:
        """Load nothing."""

    def decode_request(self, request: Request) -> bytes:
        """Take the picture. What comes is the form; that it is one, LitServe knows by this annotation."""
        content: bytes = cast("Any", request)["source"].file.read()
        return content

    def predict(self, content: bytes) -> bytes:
        """Copy it."""
        return content + b"\n"

    def encode_response(self, output: bytes) -> Response:
        """Answer with it."""
        return Response(output, media_type="image/png")


if __name__ == "__main__":
    server = litserve.LitServer(Copy(), accelerator="cpu", workers_per_device=1)
    server.run(
        host="127.0.0.1", port=int(sys.argv[1]), generate_client_file=False, log_level="warning"
    )
