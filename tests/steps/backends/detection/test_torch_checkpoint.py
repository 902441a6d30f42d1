import io
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from steps.backends.detection import torch_checkpoint
from steps.errors import WeightsInvalid


def checkpoint(
    path: Path,
    content: bytes,
    tensors: dict[str, bytes] | None = None,
    compression: int = zipfile.ZIP_STORED,
) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("net/data.pkl", content)
        for name, raw in (tensors or {}).items():
            archive.writestr(f"net/data/{name}", raw)
    return path


def tensor_pickle(offset: int, size: tuple[int, ...], stride: tuple[int, ...]) -> bytes:
    """Pickle {"t": tensor} by hand, as torch.save writes it, in protocol 2."""

    def numbers(values: tuple[int, ...]) -> bytes:
        return b"(" + b"".join(b"K" + bytes([v]) for v in values) + b"t"

    def text(value: str) -> bytes:
        return b"X" + len(value).to_bytes(4, "little") + value.encode()

    storage = (
        b"(" + text("storage") + b"ctorch\nFloatStorage\n" + text("0") + text("cpu") + b"K\x06tQ"
    )
    arguments = storage + b"K" + bytes([offset]) + numbers(size) + numbers(stride)
    arguments += b"\x89ccollections\nOrderedDict\n)R"
    return b"\x80\x02}" + text("t") + b"ctorch._utils\n_rebuild_tensor_v2\n(" + arguments + b"tRs."


SIX = {"0": np.arange(6, dtype="<f4").tobytes()}


def test_tensors_come_out_as_arrays(tmp_path: Path) -> None:
    path = checkpoint(tmp_path / "net.pt", tensor_pickle(0, (2, 3), (3, 1)), SIX)
    found = torch_checkpoint.read(path)["t"]
    assert found.dtype == np.float32
    assert found.tolist() == [[0, 1, 2], [3, 4, 5]]


def test_strides_and_offsets_are_followed(tmp_path: Path) -> None:
    path = checkpoint(tmp_path / "net.pt", tensor_pickle(1, (2, 2), (1, 3)), SIX)
    assert torch_checkpoint.read(path)["t"].tolist() == [[1, 4], [2, 5]]


@pytest.mark.parametrize(
    ("offset", "size", "stride"), [(0, (7,), (1,)), (5, (2,), (1,)), (0, (2, 3), (4, 1))]
)
def test_a_tensor_beyond_its_storage_is_refused(
    tmp_path: Path, offset: int, size: tuple[int, ...], stride: tuple[int, ...]
) -> None:
    path = checkpoint(tmp_path / "net.pt", tensor_pickle(offset, size, stride), SIX)
    with pytest.raises(WeightsInvalid, match="beyond its storage"):
        torch_checkpoint.read(path)


class Payload:
    """Pickles into a call that leaves a trace, as an attacker's checkpoint would."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.trace,))


def test_a_hostile_pickle_is_refused_and_does_nothing(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    path = checkpoint(tmp_path / "net.pt", pickle.dumps({"model": Payload(trace)}))
    with pytest.raises(WeightsInvalid, match="which no detection network needs"):
        torch_checkpoint.read(path)
    assert not trace.exists()


@pytest.mark.parametrize(
    "name",
    ["os\nsystem", "builtins\neval", "torch.nn.modules.linear\nLinear", "torch\nload"],
)
def test_only_listed_names_are_known(tmp_path: Path, name: str) -> None:
    path = checkpoint(tmp_path / "net.pt", b"\x80\x02c" + name.encode() + b"\n.")
    with pytest.raises(WeightsInvalid, match=r"net\.pt cannot be read"):
        torch_checkpoint.read(path)


def test_a_compressed_archive_is_refused(tmp_path: Path) -> None:
    path = checkpoint(tmp_path / "net.pt", pickle.dumps({}), compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(WeightsInvalid, match="is compressed"):
        torch_checkpoint.read(path)


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 cut off"])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "net.pt"
    path.write_bytes(content)
    with pytest.raises(WeightsInvalid, match=r"net\.pt"):
        torch_checkpoint.read(path)


def test_a_zip_without_a_pickle_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "net.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(WeightsInvalid, match=r"data\.pkl"):
        torch_checkpoint.read(path)


def test_a_pickle_of_something_else_is_refused(tmp_path: Path) -> None:
    path = checkpoint(tmp_path / "net.pt", pickle.dumps([1, 2]))
    with pytest.raises(WeightsInvalid, match="holds a list"):
        torch_checkpoint.read(path)


def test_a_cut_off_pickle_is_refused(tmp_path: Path) -> None:
    whole = io.BytesIO()
    pickle.dump({"a": list(range(100))}, whole)
    path = checkpoint(tmp_path / "net.pt", whole.getvalue()[:-20])
    with pytest.raises(WeightsInvalid, match="cannot be read"):
        torch_checkpoint.read(path)


def test_a_module_says_what_it_lacks() -> None:
    module = type("Conv2d", (torch_checkpoint.Module,), {})()
    module.state = {"stride": (1, 1), "_parameters": {"weight": np.zeros(1)}}
    assert module.get("stride", tuple) == (1, 1)
    assert module.get("weight", np.ndarray).size == 1
    with pytest.raises(WeightsInvalid, match="Conv2d has no tuple 'padding'"):
        module.get("padding", tuple)
    with pytest.raises(WeightsInvalid, match="Conv2d has no int 'stride'"):
        module.get("stride", int)
