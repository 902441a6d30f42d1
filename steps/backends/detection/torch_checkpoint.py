"""Reads a torch checkpoint of a detection network without torch.

Input: a file written by `torch.save` (a zip that holds one pickle and one raw file per tensor).
Output: the pickled object, in which every tensor is a numpy array and every network module a
`Module`. Nothing of the file is ever run: the pickle may name only what `_MODULES` and `_VALUES`
list, everything else is refused. Layout of the format: torch/serialization.py of PyTorch (BSD-3).
"""

import io
import pickle  # only through the restricted unpickler below
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from steps.errors import WeightsInvalid

Array = NDArray[Any]
T = TypeVar("T")

_MODULES = frozenset(
    {
        "torch.nn.modules.activation SiLU",
        "torch.nn.modules.batchnorm BatchNorm2d",
        "torch.nn.modules.container ModuleList",
        "torch.nn.modules.container Sequential",
        "torch.nn.modules.conv Conv2d",
        "torch.nn.modules.pooling MaxPool2d",
        "torch.nn.modules.upsampling Upsample",
        "ultralytics.nn.modules.block Bottleneck",
        "ultralytics.nn.modules.block C2f",
        "ultralytics.nn.modules.block DFL",
        "ultralytics.nn.modules.block SPPF",
        "ultralytics.nn.modules.conv Concat",
        "ultralytics.nn.modules.conv Conv",
        "ultralytics.nn.modules.head Detect",
        "ultralytics.nn.tasks DetectionModel",
    }
)
"""Classes that become a `Module` of that name: their attributes are kept, their code is not."""

_STORAGES = {
    "torch HalfStorage": np.dtype("<f2"),
    "torch FloatStorage": np.dtype("<f4"),
    "torch LongStorage": np.dtype("<i8"),
}
"""Element types of the tensors' raw files (checkpoints are little-endian)."""


class Module:
    """A network module as the checkpoint holds it: attributes, parameters and children."""

    def __init__(self) -> None:
        self.state: dict[str, Any] = {}

    def __setstate__(self, state: object) -> None:
        if not isinstance(state, dict):
            raise pickle.UnpicklingError(f"the state of a {self.kind} is not a dictionary")
        self.state = state

    @property
    def kind(self) -> str:
        """Name of the class, e.g. "Conv2d"."""
        return type(self).__name__

    def get(self, name: str, kind: type[T]) -> T:
        """Return an attribute, parameter, buffer or child.

        Raises:
            WeightsInvalid: it is not there, or of another type.
        """
        for place in (self.state, *(self.state.get(k) or {} for k in _CONTAINERS)):
            if name in place and isinstance(place[name], kind):
                return place[name]  # type: ignore[no-any-return]
        raise WeightsInvalid(f"the checkpoint's {self.kind} has no {kind.__name__} {name!r}")

    def children(self) -> "list[Module]":
        """Return the children in order."""
        found = self.state.get("_modules")
        return [m for m in found.values() if isinstance(m, Module)] if found else []


_CONTAINERS = ("_parameters", "_buffers", "_modules")


def _tensor(
    storage: Array, offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_: object
) -> Array:
    reach = offset + sum((n - 1) * s for n, s in zip(size, stride, strict=True)) + 1
    if offset < 0 or min((*size, *stride), default=0) < 0 or reach > storage.size:
        raise pickle.UnpicklingError(f"a tensor of shape {size} reaches beyond its storage")
    steps = tuple(s * storage.itemsize for s in stride)
    view = np.lib.stride_tricks.as_strided(storage[offset:], size, steps, writeable=False)
    return view.copy()


def _parameter(tensor: Array, *_: object) -> Array:
    return tensor


_VALUES: dict[str, Callable[..., object]] = {
    "collections OrderedDict": OrderedDict,
    "__builtin__ set": set,
    "builtins set": set,
    "torch Size": tuple,
    "torch._utils _rebuild_tensor_v2": _tensor,
    "torch._utils _rebuild_parameter": _parameter,
}
"""Everything else that the pickle may name, and what stands for it here."""


class _Unpickler(pickle.Unpickler):
    def __init__(self, archive: zipfile.ZipFile, folder: str) -> None:
        super().__init__(io.BytesIO(archive.read(f"{folder}/data.pkl")))
        self._archive = archive
        self._folder = folder
        self._storages: dict[str, Array] = {}

    def find_class(self, module: str, name: str, /) -> Any:
        wanted = f"{module} {name}"
        if wanted in _MODULES:
            return type(name, (Module,), {})
        if wanted in _STORAGES:
            return _STORAGES[wanted]
        if wanted in _VALUES:
            return _VALUES[wanted]
        raise pickle.UnpicklingError(f"it names {module}.{name}, which no detection network needs")

    def persistent_load(self, pid: object, /) -> Array:
        if not (isinstance(pid, tuple) and len(pid) == 5 and isinstance(pid[1], np.dtype)):
            raise pickle.UnpicklingError(f"{pid!r} is not a tensor's storage")
        key = str(pid[2])
        if key not in self._storages:
            raw = self._archive.read(f"{self._folder}/data/{key}")
            self._storages[key] = np.frombuffer(raw, dtype=pid[1])
        return self._storages[key]


def read(path: Path) -> dict[str, Any]:
    """Read a checkpoint.

    Args:
        path: the `.pt` file.

    Returns:
        The pickled dictionary: arrays in place of tensors, `Module`s in place of modules.

    Raises:
        WeightsInvalid: it is not a torch checkpoint, is damaged, or names anything outside the
            list of what a detection network needs.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            found = _Unpickler(archive, _folder(archive)).load()
    except WeightsInvalid:
        raise
    except Exception as error:  # a hostile pickle can make the unpickler raise anything
        raise WeightsInvalid(
            f"{path.name} cannot be read as a torch checkpoint: {error}", pointer=path.name
        ) from error
    if not isinstance(found, dict):
        raise WeightsInvalid(
            f"{path.name} holds a {type(found).__name__}, not a dictionary with a model",
            pointer=path.name,
        )
    return found


def _folder(archive: zipfile.ZipFile) -> str:
    for entry in archive.infolist():
        if entry.compress_type != zipfile.ZIP_STORED:
            # torch never compresses, so this is a bomb or no checkpoint.
            raise zipfile.BadZipFile(f"the entry {entry.filename} is compressed")
    pickles = [n for n in archive.namelist() if n.endswith("/data.pkl") and n.count("/") == 1]
    if len(pickles) != 1:
        raise zipfile.BadZipFile("it has no single NAME/data.pkl")
    return pickles[0].partition("/")[0]
