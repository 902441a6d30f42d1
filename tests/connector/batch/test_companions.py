from pathlib import Path

import pytest

from connector.batch.companions import companions_from
from connector.batch.sources import Source
from steps.contract import Role
from steps.errors import InvalidItem, InvalidParameters
from steps.inpaint import Inpaint
from tests.invert import Invert


def source(name: str) -> Source:
    return Source(Path(name), Path("out"))


def test_a_file_goes_with_every_picture(tmp_path: Path) -> None:
    mask = tmp_path / "logo.png"
    mask.write_bytes(b"white")
    companions = companions_from(Inpaint(), [f"mask={mask}"])
    for name in ("a.jpg", "b.jpg"):
        (part,) = companions.of(source(name))
        assert (part.role, part.filename, part.content) == (Role.MASK, "logo.png", b"white")


def test_a_folder_gives_each_picture_its_own_and_prefers_the_name_that_results_have(
    tmp_path: Path,
) -> None:
    for name in ("a.mask.png", "a.png", "b.tif", "c.mask.txt"):
        (tmp_path / name).write_bytes(name.encode())
    companions = companions_from(Inpaint(), [f"mask={tmp_path}"])
    assert companions.of(source("x/a.jpg"))[0].content == b"a.mask.png"
    assert companions.of(source("b.jpg"))[0].content == b"b.tif"
    with pytest.raises(InvalidItem, match=r"no mask for 'c'"):
        companions.of(source("c.jpg"))


@pytest.mark.parametrize("written", ["mask", "style=x.png", "source=x.png"])
def test_what_the_step_does_not_take_is_refused_with_what_it_takes(written: str) -> None:
    with pytest.raises(InvalidParameters, match=r"takes mask=PATH"):
        companions_from(Inpaint(), [written])


def test_a_step_without_further_parts_says_so() -> None:
    with pytest.raises(InvalidParameters, match="no part beside the picture"):
        companions_from(Invert(), ["mask=x.png"])


def test_a_missing_file_is_named() -> None:
    with pytest.raises(InvalidParameters, match=r"no file or folder 'nowhere\.png'"):
        companions_from(Inpaint(), ["mask=nowhere.png"])
