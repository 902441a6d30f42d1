"""A run's tables: printed as they come, and kept as JSON beside the machine they were measured on."""

import json
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.shared.machine import PACKAGES, machine, sentence
from benchmarks.shared.tables import Cell, table

HERE = Path(__file__).parents[1]


class Results:
    """Collects what one benchmark prints."""

    def __init__(self, name: str, packages: Sequence[str] = (), folder: Path = HERE) -> None:
        """Describe the machine, and print it.

        Args:
            name: of the file that `write` makes, without its ending.
            packages: beside the usual ones, whose versions matter here.
            folder: under which "results" and "output" lie.
        """
        self._name, self._folder = name, folder
        self._machine = machine((*PACKAGES, *packages))
        self._tables: list[dict[str, object]] = []
        self._began = time.perf_counter()
        print(sentence(self._machine), flush=True)

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
        """Print a table under its title, and keep it.

        Args:
            title: what was measured, and on how many runs.
            columns: names, with units.
            rows: one cell for each column; None where nothing was measured.
        """
        print(f"\n{title}\n\n{table(columns, rows)}", flush=True)
        self._tables.append(
            {"title": title, "columns": list(columns), "rows": [[*r] for r in rows]}
        )

    def write(self, *, whole: bool) -> Path:
        """Write everything: a whole run's results are committed, those of parts are not."""
        path = self._folder / ("results" if whole else "output") / f"{self._name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        seconds = round(time.perf_counter() - self._began)
        found = {"machine": self._machine, "tookSeconds": seconds, "tables": self._tables}
        path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
        print(f"\n{seconds} s in all; written to {path.relative_to(self._folder.parent)}")
        return path
