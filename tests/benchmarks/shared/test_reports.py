import pytest

from benchmarks.shared.machine import machine, sentence
from benchmarks.shared.tables import table


def test_a_table_is_markdown() -> None:
    rows = [("a", 0.98765, 1234.5, 7, None)]
    assert table(["who", "share", "ms", "n", "x"], rows).splitlines() == [
        "| who | share | ms | n | x |",
        "| :-- | --: | --: | --: | --: |",
        "| a | 0.988 | 1,234 | 7 | – |",
    ]


def test_a_row_has_a_cell_for_each_column() -> None:
    with pytest.raises(ValueError, match="2 cells under 1 columns"):
        table(["who"], [("a", "b")])


def test_the_machine_is_described() -> None:
    found = machine(("numpy", "no-such-package"))
    packages = found["packages"]
    assert isinstance(packages, dict)
    assert packages["no-such-package"] is None
    assert packages["numpy"] in sentence(found)
    assert isinstance(found["cores"], int)
    assert found["cores"] >= 1
