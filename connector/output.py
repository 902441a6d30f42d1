"""How a caller says what its results are to be encoded as."""

from typing import Annotated, Any, Literal

from pydantic import Field

from steps.contract import Output, Wire

OutputType = Literal["image/jpeg", "image/png", "image/webp", "image/tiff", "image/bmp"]
"""What results can be written as: the keys of `steps.imaging.encode.WRITABLE`."""


class OutputOptions(Wire):
    """How the result is to be encoded."""

    mime_type: OutputType | None = None
    """Media type; left out: the source's, or one near it where that cannot be written."""
    quality: Annotated[int, Field(ge=1, le=100)] | None = None
    """Quality of JPEG and WebP; left out: the source's own."""

    def output(self) -> Output:
        """Return it as the steps know it."""
        return Output(mime_type=self.mime_type, quality=self.quality)


def as_json(output: Output) -> dict[str, Any]:
    """Return it as a job's row holds it."""
    return {"mimeType": output.mime_type, "quality": output.quality}
