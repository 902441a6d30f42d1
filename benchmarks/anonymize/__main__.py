"""The command line of the benchmark: `python -m benchmarks.anonymize [--quick]`."""

import argparse
import json
import sys
from pathlib import Path
from typing import get_args

import cv2

from benchmarks.anonymize import people, photos
from benchmarks.anonymize.figures import measure
from benchmarks.anonymize.plan import FULL, QUICK, Part
from benchmarks.anonymize.report import markdown
from benchmarks.independent import ssdlite
from benchmarks.shared.machine import machine
from steps import weights
from steps.environment import Environment
from steps.imaging.document import Pixels

_HERE = Path(__file__).parents[1]


def main() -> None:
    """Measure, print the tables, write the JSON."""
    asked = _arguments()
    described = machine()
    _pull()
    plan = QUICK if asked.quick else FULL
    figures = measure(
        plan.only(asked.only) if asked.only else plan,
        described,
        asked.photos,
        say=lambda line: print(line, file=sys.stderr, flush=True),
        keep=_keeper(asked.pictures),
    )
    print(markdown(figures))
    path = asked.output or _path(whole=not asked.quick and not asked.only)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures.as_json(), indent=1) + "\n")
    print(f"\nwritten to {path}", file=sys.stderr)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.anonymize", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a sample, in about two minutes")
    parser.add_argument("--only", choices=get_args(Part), help="one part of the figures")
    parser.add_argument(
        "--photos", type=Path, metavar="FOLDER", help="clean photos of your own, without people"
    )
    parser.add_argument(
        "--pictures", type=Path, metavar="FOLDER", help="keep the pictures here, to look at"
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="where the JSON goes")
    return parser.parse_args()


def _pull() -> None:
    """Fetch what is not in the weights cache: models, photos, the judge."""
    models = [each.name for each in weights.catalogue() if "anonymize" in each.groups]
    weights.pull_all(
        [*models, *photos.PHOTOS, *people.PHOTOS, ssdlite.WEIGHTS], Environment.from_env()
    )


def _keeper(folder: Path | None) -> "Keeper":
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    return Keeper(folder)


class Keeper:
    """Keeps pictures in a folder, or nowhere."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def __call__(self, name: str, pixels: Pixels) -> None:
        """Write a picture, e.g. as scene-0-result.jpg."""
        if self.folder is not None:
            path = self.folder / f"{name}.jpg"
            cv2.imwrite(str(path), cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))


def _path(*, whole: bool) -> Path:
    """Results of the whole full mode are committed; those of samples and parts are not."""
    return _HERE / ("results" if whole else "output") / "anonymize.json"


if __name__ == "__main__":
    main()
