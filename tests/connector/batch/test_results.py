from pathlib import Path

import pytest

from connector.batch import results
from connector.batch.sources import Source
from steps.contract import Context, Item, Part, PartType, Report, Role, StepResult
from steps.imaging.document import Document
from steps.run import run
from steps.validation import parameters_of
from tests.invert import Invert, png

ITEM = Item(parts=(Part(content=png()),))
OTHER = Item(parts=(Part(content=b"another picture"),))


def result(*parts: Part) -> StepResult:
    report = Report(step="invert", version="1.2.0", seed=0)
    return StepResult(parts=parts, report=report)


def part(mime: str, role: Role = Role.SOURCE, kind: PartType = PartType.BASE_PART) -> Part:
    return Part(content=b"bytes", mime_type=mime, role=role, type=kind)


@pytest.mark.parametrize(
    ("name", "mime", "written"),
    [
        ("a.jpg", "image/jpeg", "a.jpg"),
        ("a.JPEG", "image/jpeg", "a.JPEG"),
        ("a.heic", "image/png", "a.png"),
        ("a.jpg", "image/png", "a.png"),
        ("a.tiff", "image/tiff", "a.tiff"),
        ("a.dat", "image/webp", "a.webp"),
    ],
)
def test_a_result_is_named_for_its_source_and_its_type(
    name: str, mime: str, written: str, tmp_path: Path
) -> None:
    source = Source(Path(name), tmp_path / "deep" / "a")
    mask = part("image/png", Role.MASK, PartType.META)
    files = results.write(source, result(part(mime), mask))
    assert {role: path.name for role, path in files.items()} == {
        "result": written,
        "mask": "a.mask.png",
        "report": "a.report.json",
    }
    assert sorted(p.name for p in (tmp_path / "deep").iterdir()) == sorted(
        [written, "a.mask.png", "a.report.json"]
    )


def test_further_results_are_numbered(tmp_path: Path) -> None:
    source = Source(Path("a.png"), tmp_path / "a")
    files = results.write(source, result(part("image/png"), part("image/png")))
    assert files["result2"].name == "a.result2.png"


def test_a_report_never_stands_beside_another_runs_picture(tmp_path: Path) -> None:
    source = Source(Path("a.png"), tmp_path / "a")
    results.write(source, result(part("image/png")))
    not_encoded = Part(content=Document(pages=(), mime_type=""), type=PartType.META, role=Role.MASK)
    with pytest.raises(TypeError):
        results.write(source, result(part("image/png"), not_encoded))
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]


def test_a_folder_that_cannot_be_written_leaves_no_rest(tmp_path: Path) -> None:
    (tmp_path / "a.png").mkdir()  # in the way of the result
    source = Source(Path("a.png"), tmp_path / "a")
    with pytest.raises(OSError, match=r"a\.png"):
        results.write(source, result(part("image/png")))
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]


@pytest.fixture
def done(tmp_path: Path) -> Source:
    source = Source(Path("a.png"), tmp_path / "a")
    results.write(source, run(Invert(), ITEM, {"strength": 0.5}, Context()))
    return source


def is_done(source: Source, **changes: object) -> bool:
    step = Invert()
    if "version" in changes:
        step.version = str(changes.pop("version"))  # type: ignore[misc]
    given = {"strength": 0.5, **changes}
    return results.is_done(source, ITEM, step, parameters_of(step, given))


def test_done_is_what_agrees_in_everything(done: Source) -> None:
    assert is_done(done)
    assert not is_done(done, strength=0.6)
    assert not is_done(done, seed=1)
    assert not is_done(done, version="1.3.0")
    assert not results.is_done(done, OTHER, Invert(), parameters_of(Invert(), {"strength": 0.5}))


def test_done_is_of_the_same_mask_too(done: Source) -> None:
    masked = Item(parts=(*ITEM.parts, Part(content=png(), role=Role.MASK)))
    assert not results.is_done(done, masked, Invert(), parameters_of(Invert(), {"strength": 0.5}))


def test_done_needs_the_picture(done: Source) -> None:
    (done.target.parent / "a.png").unlink()
    assert not is_done(done)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"step": "invert"}'])
def test_a_damaged_report_means_not_done(content: str, done: Source) -> None:
    results.report_path(done).write_text(content)
    assert not results.is_done(done, OTHER, Invert(), parameters_of(Invert(), {}))
