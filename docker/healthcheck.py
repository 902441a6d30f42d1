"""Says by its exit status whether a container's service is well. Needs Python alone: no curl, no shell.

    healthcheck.py http [URL]        a GET is answered with 2xx; default: /health/live on RETUSCHE_PORT
    healthcheck.py process WORD...   a Python process with all these arguments runs

The first is for the API. The second is for the worker and the keeper, which serve no HTTP: it sees
a process that is stopped or dead under a supervisor that lives. That a worker lives but takes no
work is not seen from inside; the age of the oldest waiting item shows it (`docs/operations.md`).
"""

import os
import sys
import urllib.error
import urllib.request
from pathlib import Path

TIMEOUT_SECONDS = 3.0
"""Longest wait for an answer: below the 5 s that the images give the whole check."""


def answers(url: str) -> bool:
    """Say whether a GET of this address is answered with a status of 2xx."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never through a proxy
    try:
        with direct.open(url, timeout=TIMEOUT_SECONDS) as answer:
            return 200 <= answer.status < 300
    except (OSError, urllib.error.URLError) as error:
        print(f"{url}: {error}", file=sys.stderr)
        return False


def runs(words: list[str], processes: Path = Path("/proc")) -> bool:
    """Say whether a Python process with these words among its arguments runs.

    Not this one, and not tini, whose arguments are the same.
    """
    for folder in processes.iterdir():
        if not folder.name.isdecimal() or int(folder.name) == os.getpid():
            continue
        try:
            arguments = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):  # it ended while we looked
            continue
        names = [Path(argument).name for argument in arguments]
        if names[0].startswith("python") and {*names}.issuperset(words) and state not in "TtZX":
            return True
    print(f"no Python process runs with {' '.join(words)} in its command line", file=sys.stderr)
    return False


def main(arguments: list[str]) -> int:
    """Check what the arguments name; 0 well, 1 unwell, 2 misused."""
    match arguments:
        case ["http"]:
            port = os.environ.get("RETUSCHE_PORT") or "8000"
            return 0 if answers(f"http://127.0.0.1:{port}/health/live") else 1
        case ["http", url]:
            return 0 if answers(url) else 1
        case ["process", *words] if words:
            return 0 if runs(words) else 1
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
