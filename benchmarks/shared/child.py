"""Work in a process of its own: a fresh interpreter, so that peak memory is that of this work alone.

    run("benchmarks.anonymize.cost:anonymized", {"path": "x.jpg"})

calls `anonymized(path="x.jpg")` there. Arguments and answer travel as JSON; what the work prints goes to
this process's standard error.
"""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Done:
    """What came back."""

    answer: Any
    """Whatever the function returned, through JSON."""
    peak_mb: float
    """Highest resident memory of the process in MB (10^6 bytes), interpreter and models included."""


class ChildFailed(RuntimeError):
    """The process ended with an error, or was killed; the message holds the end of what it said."""


def run(
    target: str, arguments: Mapping[str, object], *, environment: Mapping[str, str] | None = None
) -> Done:
    """Call a function in a fresh interpreter.

    Args:
        target: "module:function".
        arguments: keyword arguments that JSON can carry.
        environment: further environment variables.

    Raises:
        ChildFailed: it raised, or was killed (for memory, say).
    """
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.shared.child", target],
        input=json.dumps(dict(arguments)),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **(environment or {})},
    )
    if done.returncode != 0:
        last = "\n".join(done.stderr.strip().splitlines()[-12:])
        raise ChildFailed(f"{target} ended with {done.returncode}: {last}")
    return Done(**json.loads(done.stdout))


def peak_mb() -> float:
    """Return the highest resident memory of this process so far, in MB.

    Linux counts the parent's memory into the child's ru_maxrss (it is carried over exec), so its own
    high-water mark is read instead.
    """
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:  # not Linux: macOS counts ru_maxrss in bytes
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    kilobytes = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
    return kilobytes * 1024 / 1e6


def _main() -> None:
    module, _, name = sys.argv[1].partition(":")
    answers = os.dup(1)
    os.dup2(2, 1)  # what libraries print must not end up within the answer
    answer = getattr(import_module(module), name)(**json.load(sys.stdin))
    with os.fdopen(answers, "w") as stream:
        json.dump({"answer": answer, "peak_mb": peak_mb()}, stream)


if __name__ == "__main__":
    _main()
