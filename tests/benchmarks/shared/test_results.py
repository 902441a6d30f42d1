import json
from pathlib import Path

import pytest

from benchmarks.shared.results import Results


def test_what_is_printed_is_kept_with_the_machine(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = Results("speed", ("ncnn",), tmp_path / "benchmarks")
    results.table("One run each", ("way", "s"), [("ours", 1.234), ("theirs", None)])
    path = results.write(whole=False)
    assert path == tmp_path / "benchmarks" / "output" / "speed.json"
    found = json.loads(path.read_text("utf-8"))
    assert found["tables"] == [
        {
            "title": "One run each",
            "columns": ["way", "s"],
            "rows": [["ours", 1.234], ["theirs", None]],
        }
    ]
    assert found["machine"]["cores"] >= 1
    assert "ncnn" in found["machine"]["packages"]
    assert "| ours | 1.23 |" in capsys.readouterr().out


def test_whole_runs_go_where_they_are_committed(tmp_path: Path) -> None:
    assert Results("x", folder=tmp_path / "b").write(whole=True).parent.name == "results"
