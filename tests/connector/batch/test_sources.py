from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.batch.sources import _names, find


def touch(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def targets(root: Path, *paths: str, output: str = "out") -> list[str]:
    found = find([root / path for path in paths], root / output)
    return [source.target.relative_to(root / output).as_posix() for source in found.sources]


def test_a_folder_keeps_its_structure(tmp_path: Path) -> None:
    touch(tmp_path, "in/b.jpg", "in/a/c.PNG", "in/a/d/e.tiff")
    assert targets(tmp_path, "in") == ["b", "a/c", "a/d/e"]


def test_what_is_no_picture_is_counted_and_left_out(tmp_path: Path) -> None:
    touch(tmp_path, "in/a.jpg", "in/notes.txt", "in/.hidden.jpg", "in/.trash/b.jpg")
    found = find([tmp_path / "in"], tmp_path / "out")
    assert [s.path.name for s in found.sources] == ["a.jpg"]
    assert found.left_out == 1


def test_a_named_file_is_taken_whatever_its_name(tmp_path: Path) -> None:
    touch(tmp_path, "scan.dat")
    assert targets(tmp_path, "scan.dat") == ["scan"]


def test_a_file_named_twice_is_taken_once(tmp_path: Path) -> None:
    touch(tmp_path, "in/a.jpg")
    assert targets(tmp_path, "in", "in/a.jpg") == ["a"]


def test_results_below_the_folder_are_not_taken_for_sources(tmp_path: Path) -> None:
    touch(tmp_path, "in/a.jpg", "in/done/a.jpg", "in/done/a.mask.png")
    assert targets(tmp_path, "in", output="in/done") == ["a"]


@pytest.mark.parametrize(
    ("paths", "output"), [(["in"], "in"), (["in/a.jpg"], "in"), (["in", "more"], "more")]
)
def test_results_never_go_beside_their_sources(
    paths: list[str], output: str, tmp_path: Path
) -> None:
    touch(tmp_path, "in/a.jpg", "more/b.jpg")
    with pytest.raises(ValueError, match="name another --output folder"):
        targets(tmp_path, *paths, output=output)


def test_an_output_that_holds_only_results_of_deeper_folders_is_refused_too(tmp_path: Path) -> None:
    touch(tmp_path, "in/a/b.jpg")
    with pytest.raises(ValueError, match="in/a, beside sources"):
        targets(tmp_path, "in", output="in")


@pytest.mark.parametrize(
    ("files", "names"),
    [
        (["a.jpg", "a.png"], ["a-jpg", "a-png"]),
        (["A.jpg", "a.png"], ["A-jpg", "a-png"]),
        (["a.jpg", "a.mask.png"], ["a-jpg", "a.mask-png"]),
        (["a.mask.png"], ["a.mask"]),
        (["a", "a.jpg"], ["a", "a-jpg"]),
        (["a.jpg", "a.png", "a-jpg.tif"], ["a-jpg", "a-png", "a-jpg-2"]),
        (["photo.1.jpg", "photo.2.jpg"], ["photo.1", "photo.2"]),
        (["x/a.jpg", "y/a.png"], ["x/a", "y/a"]),
    ],
)
def test_names_that_would_meet_are_told_apart(files: list[str], names: list[str]) -> None:
    assert [name.as_posix() for name in _names([Path(file) for file in files])] == names


STEMS = st.sampled_from(["a", "A", "a-jpg", "a.mask", "a.report", "a-2", "b"])
FILES = st.builds(
    lambda s, e: Path(s + e), STEMS, st.sampled_from([".jpg", ".png", ".mask.png", ""])
)


@given(st.lists(FILES, max_size=12))
def test_no_two_results_ever_share_a_name(files: list[Path]) -> None:
    written = [
        f"{name}{suffix}".casefold()
        for name in _names(files)
        for suffix in (".jpg", ".png", ".mask.png", ".report.json")
    ]
    assert len(set(written)) == len(written)


def test_files_of_one_name_from_two_folders_do_not_meet(tmp_path: Path) -> None:
    touch(tmp_path, "x/a.jpg", "y/a.jpg")
    assert targets(tmp_path, "x/a.jpg", "y/a.jpg") == ["a-jpg", "a-jpg-2"]
