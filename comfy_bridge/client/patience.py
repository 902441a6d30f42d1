"""How long to wait for what."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Patience:
    """Seconds. Each with its reason."""

    reach: float = 30.0
    """For any server to answer before the work begins: a restart of ComfyUI takes 10 to 30 s."""
    open: float = 2.0
    """For the websocket before the prompt goes without it: a proxy may let HTTP through and no websocket."""
    gone: float = 20.0
    """Without an answer in the middle of the work until a server counts as gone; loading a large model stalls
    its HTTP side for seconds."""
    quiet: float = 5.0
    """Without a message over the websocket until the server is asked by HTTP."""
    poll: float = 1.0
    """Between two questions by HTTP while the websocket is away."""
    stop: float = 1.0
    """For taking a prompt back; a caller who cancels is to wait for no more than 2 s in all."""
    avoid: float = 60.0
    """That a server which failed is left out, as long as another one answers."""
    queue: float = 3600.0
    """In the server's own queue."""
    run: float = 600.0
    """From the prompt's start to its end."""
