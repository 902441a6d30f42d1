"""Tables in markdown."""

from collections.abc import Sequence

Cell = str | float | int | None


def table(header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """Return a table: the first column to the left, the others to the right.

    Args:
        header: names of the columns.
        rows: one cell for each; floats get three significant digits, None becomes a dash.

    Raises:
        ValueError: a row is of another length than the header.
    """
    for row in rows:
        if len(row) != len(header):
            raise ValueError(f"a row of {len(row)} cells under {len(header)} columns: {row}")
    lines = [header, [":--", *["--:"] * (len(header) - 1)], *[[_text(c) for c in r] for r in rows]]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _text(cell: Cell) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, float):
        return f"{cell:,.0f}" if abs(cell) >= 100 else f"{cell:.3g}"
    return str(cell)
