"""The fake's input, output and temp folders, in memory."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL.PngImagePlugin import PngInfo

Key = tuple[str, str, str]
"""(type, subfolder, filename)"""


class Folders:
    """Files by type, subfolder and name."""

    def __init__(self) -> None:
        self.files: dict[Key, bytes] = {}

    def upload(self, filename: str, subfolder: str, content: bytes) -> str:
        """Store a picture; another one of the same name makes it "a (1).png"."""
        stem, _, suffix = filename.rpartition(".")
        name, number = filename, 0
        while self.files.get(("input", subfolder, name), content) != content:
            number += 1
            name = f"{stem} ({number}).{suffix}"
        self.files["input", subfolder, name] = content
        return name

    def has(self, image: str) -> bool:
        return self._key(image) in self.files

    def read(self, image: str) -> NDArray[np.uint8]:
        """Return an input's samples, RGB or RGBA."""
        picture = Pillow.open(io.BytesIO(self.files[self._key(image)]))
        return np.asarray(picture.convert("RGBA" if "A" in picture.getbands() else "RGB"))

    def save(self, kind: str, prefix: str, pixels: NDArray[np.float32], prompt: str) -> Key:
        """Store a picture as SaveImage does: truncated to 8 bit, with the workflow inside."""
        subfolder, _, stem = prefix.rpartition("/")
        number = 1 + sum(key[1] == subfolder and key[2].startswith(stem) for key in self.files)
        text = PngInfo()
        text.add_text("prompt", prompt)
        buffer = io.BytesIO()
        samples = np.clip(255.0 * pixels, 0, 255).astype(np.uint8)
        Pillow.fromarray(samples).save(buffer, "PNG", pnginfo=text, compress_level=1)
        key = (kind, subfolder, f"{stem}_{number:05}_.png")
        self.files[key] = buffer.getvalue()
        return key

    def _key(self, image: str) -> Key:
        subfolder, _, name = image.rpartition("/")
        return "input", subfolder, name
