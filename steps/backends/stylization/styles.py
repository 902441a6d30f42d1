"""The 26 named styles: what each one looks like, and its place in the network that paints it.

The network's authors gave no names. These say what is seen on four photos (a cat, a pagoda, a cup of
coffee, a street); they are stable, whatever the network's own order becomes. Data only.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NamedStyle:
    """One style of the network."""

    name: str
    """Stable wire name: what it looks like, lower case with hyphens."""
    index: int
    """Row of the network's style table, 0..25."""
    look: str
    """What is seen, for a person."""


STYLES = (
    NamedStyle("ochre-oil", 0, "ochre and pale blue in soft oil strokes"),
    NamedStyle("yellow-panes", 1, "heavy black outlines round white and yellow panes"),
    NamedStyle("peach-wash", 2, "black ink over a pale peach and blue wash"),
    NamedStyle("electric-dashes", 3, "dense dashes of red, blue and white on black"),
    NamedStyle("crimson-gold", 4, "crimson shadows, golden light, on canvas"),
    NamedStyle("autumn-strokes", 5, "orange, red and violet brush strokes"),
    NamedStyle("indigo-dots", 6, "dark dots and pale outlines on indigo"),
    NamedStyle("bold-primaries", 7, "smooth fields of blue, yellow, red and black"),
    NamedStyle("neon-sketch", 8, "pencil lines on white, with cyan, magenta and yellow"),
    NamedStyle("teal-red-dapples", 9, "short dapples of teal and red on white"),
    NamedStyle("burnt-sienna", 10, "dark brown and orange, as if scorched into wood"),
    NamedStyle("golden-engraving", 11, "fine brown engraving on gold and grey paper"),
    NamedStyle("lilac-haze", 12, "lilac shadows and yellow light in loose strokes"),
    NamedStyle("lime-woodcut", 13, "woodcut lines in lime, teal and black"),
    NamedStyle("frosted-blue", 14, "pale blue and rose, as seen through frost"),
    NamedStyle("pastel-mosaic", 15, "small pastel panes with thin dark joints"),
    NamedStyle("blue-orange-crayon", 16, "blue crayon hatching with orange and olive"),
    NamedStyle("red-lattice", 17, "a woven lattice of red, orange and blue bars"),
    NamedStyle("sand-carving", 18, "brown grooves carved into sand-coloured stone"),
    NamedStyle("blue-swirls", 19, "swirling strokes of blue and yellow"),
    NamedStyle("red-embers", 20, "glowing red on black"),
    NamedStyle("paper-cutout", 21, "rounded shapes in pastel with heavy black"),
    NamedStyle("ink-red-blue", 22, "black and white ink with red and periwinkle blue"),
    NamedStyle("dusk-silhouette", 23, "slate silhouettes before a pale evening sky"),
    NamedStyle("navy-print", 24, "a navy print on cream paper"),
    NamedStyle("weathered-relief", 25, "a rugged, dark relief in slate, ochre and rust"),
)
"""Every named style, in the network's order."""

BY_NAME = {style.name: style for style in STYLES}
NAMES = tuple(BY_NAME)
