"""`retusche styles`: what the named styles look like, on a sheet of thumbnails."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.commands.console import environment, reported, stderr, stdout, table

if TYPE_CHECKING:
    from steps.environment import Environment

PHOTO = "photo-chelsea"
"""Sample photo where none is named."""


def styles(
    photo: Annotated[
        Path | None,
        typer.Argument(
            help="Photo to paint; a sample photo of a cat otherwise.", exists=True, dir_okay=False
        ),
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="File of the sheet.", dir_okay=False)
    ] = Path("styles.jpg"),
    tile: Annotated[
        int, typer.Option(help="Longest side of a thumbnail in px.", min=64, max=1024)
    ] = 320,
) -> None:
    """Paint one photo in every named style of style-transfer, on one sheet, and list the names.

    Fetches the weights first where they are missing.
    """
    from steps.backends.stylization.styles import STYLES
    from steps.contract import Context, Output
    from steps.imaging.decode import decode
    from steps.imaging.document import Document, Page
    from steps.imaging.encode import encode
    from steps.imaging.sniff import JPEG
    from steps.style_transfer.sheet import style_sheet

    with reported():
        here = environment()
        chosen = _ready(photo, here)
        picture = decode(chosen.read_bytes(), filename=chosen.name, limits=here.limits).pages[0]
        sheet = style_sheet(picture.pixels, Context(environment=here), tile=tile)
        document = Document(pages=(Page(pixels=sheet),), mime_type=JPEG)
        content, _ = encode(document, Output(mime_type=JPEG, quality=90))
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes(content)
    rows = table("style", "what it looks like")
    for style in STYLES:
        rows.add_row(style.name, style.look)
    stdout().print(rows)
    stderr().print(f"the sheet is {output}", markup=False)


def _ready(photo: Path | None, here: "Environment") -> Path:
    """Fetch what is missing, and return the photo."""
    from connector.commands.downloads import Downloads
    from steps import weights
    from steps.backends.stylization.multistyle26 import MultiStyle26

    needed = [*MultiStyle26.descriptor.weights, *([PHOTO] if photo is None else [])]
    with Downloads(stderr()) as downloads:
        weights.pull_all(needed, here, downloads.show)
    return photo or weights.path(PHOTO, here)
