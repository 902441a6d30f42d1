"""The service on a loopback port, in a thread of the test, with a worker that works when it is rung or told to."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn

from connector.app import create_app
from connector.serving import listen
from connector.settings import Settings
from tests.connector.workshop import Workshop
from tests.page.steps import registry


@dataclass(frozen=True)
class Served:
    """A service that a browser can reach."""

    url: str
    """Where, without a slash at its end."""
    workshop: Workshop
    server: uvicorn.Server

    def break_streams(self) -> None:
        """Cut every connection, as a network does."""
        for each in list(self.server.server_state.connections):
            loop, transport = each.loop, each.transport
            loop.call_soon_threadsafe(transport.abort)


@contextmanager
def serving(settings: Settings, *, rings: bool = True) -> Iterator[Served]:
    """Serve; `rings`: whether a new job is worked on at once."""
    workshop = Workshop(settings, registry, rings=rings)
    workshop.presence.ready()
    app = create_app(settings, registry, doorbell=workshop)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=5))
    with listen("127.0.0.1", 0) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield Served(f"http://127.0.0.1:{listener.getsockname()[1]}", workshop, server)
        finally:
            app.state.service.hub.release()
            server.should_exit = True
            thread.join()
            workshop.close()
