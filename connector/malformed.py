"""What is no HTTP at all gets a problem, as every other error does; uvicorn itself would answer with a line of text."""

import secrets

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from connector import logs
from connector.api.problems import problem_response


class Protocol(HttpToolsProtocol):
    """HTTP/1.1 by httptools."""

    def send_400_response(self, msg: str) -> None:
        """Answer bytes that are no request, and close the connection.

        Args:
            msg: why, as uvicorn says it.
        """
        trace = secrets.token_hex(16)
        logs.trace_id.set(trace)
        headers = {"Connection": "close", "Retusche-Trace-Id": trace}
        answer = problem_response({}, "http-malformed", msg, headers=headers)
        head = b"".join(b"%b: %b\r\n" % each for each in answer.raw_headers)
        self.transport.write(STATUS_LINE[400] + head + b"\r\n" + bytes(answer.body))
        self.transport.close()
