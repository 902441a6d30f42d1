import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from steps import weights
from steps.environment import Environment
from steps.errors import WeightsInvalid, WeightsMissing
from steps.weights import cache
from steps.weights.contract import PathSource, Weights
from tests.steps.weights.conftest import CONTENT, entry

Known = Callable[..., None]
TINY = entry()


def put(path: Path, content: bytes = CONTENT) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "place", ["tiny.bin", "tiny/tiny.bin", f"tiny/{TINY.sha256[:12]}/tiny.bin"]
)
def test_a_file_is_found_wherever_it_may_lie(
    place: str, environment: Environment, known: Known
) -> None:
    known(TINY)
    path = put(environment.weights_dir / place)
    assert weights.path("tiny", environment) == path
    assert weights.reason_against("tiny", environment) is None


def test_a_path_source_is_used_where_it_lies(
    tmp_path: Path, environment: Environment, known: Known
) -> None:
    share = put(tmp_path / "share" / "model.bin")
    known(entry(source=PathSource(share)))
    assert weights.pull("tiny", environment) == share
    assert not environment.weights_dir.exists()


def test_a_missing_file_says_how_to_get_it(environment: Environment, known: Known) -> None:
    known(TINY)
    assert weights.is_missing("tiny", environment)
    with pytest.raises(WeightsMissing) as caught:
        weights.path("tiny", environment)
    detail = caught.value.detail
    assert "retusche models pull tiny" in detail
    assert TINY.sha256 in detail
    assert str(environment.weights_dir) in detail
    assert "RETUSCHE_WEIGHTS_DIR" in detail
    assert weights.reason_against("tiny", environment) == detail


def test_another_file_is_refused(environment: Environment, known: Known) -> None:
    known(TINY)
    path = put(environment.weights_dir / "tiny.bin", b"another file")
    with pytest.raises(WeightsInvalid, match="12 bytes") as caught:
        weights.path("tiny", environment)
    assert str(path) in caught.value.detail
    assert caught.value.pointer == "tiny.bin"


def test_a_file_is_read_once_per_process_and_again_by_verify(
    environment: Environment, known: Known
) -> None:
    known(TINY)
    path = put(environment.weights_dir / "tiny.bin")
    assert weights.path("tiny", environment) == path
    times = path.stat()
    path.write_bytes(CONTENT[::-1])
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert weights.path("tiny", environment) == path, "same size and time: not read again"
    with pytest.raises(WeightsInvalid):
        weights.verify("tiny", environment)


def test_a_changed_file_is_read_again(environment: Environment, known: Known) -> None:
    known(TINY)
    path = put(environment.weights_dir / "tiny.bin")
    weights.path("tiny", environment)
    path.write_bytes(CONTENT + b"!")
    with pytest.raises(WeightsInvalid):
        weights.path("tiny", environment)


def written(weights_: Weights, environment: Environment, content: bytes) -> list[Path]:
    try:
        with cache.incoming(weights_, environment) as file:
            file.write(content)
    except WeightsInvalid:
        pass
    return [p for p in environment.weights_dir.rglob("*") if p.is_file()]


def test_what_comes_in_is_moved_into_its_place_readable_by_all(environment: Environment) -> None:
    (path,) = written(TINY, environment, CONTENT)
    assert path == cache.place(TINY, environment)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_a_wrong_file_leaves_nothing(environment: Environment) -> None:
    assert written(TINY, environment, b"wrong") == []


def test_a_wrong_file_does_not_replace_a_right_one(environment: Environment) -> None:
    assert written(TINY, environment, CONTENT) == written(TINY, environment, b"wrong")
    assert cache.place(TINY, environment).read_bytes() == CONTENT


def test_a_broken_off_write_leaves_nothing(environment: Environment) -> None:
    def pull() -> None:
        with cache.incoming(TINY, environment) as file:
            file.write(CONTENT[:5])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pull()
    assert [p for p in environment.weights_dir.rglob("*") if p.is_file()] == []


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    blocked = put(tmp_path / "file")
    where = Environment(weights_dir=blocked / "cache")
    says = "file/cache.*cannot be written: Not a directory"
    with pytest.raises(WeightsMissing, match=says), cache.incoming(TINY, where):
        pass
