"""The figures as markdown."""

from collections.abc import Sequence

from benchmarks.anonymize import cost, fill, recall, residue
from benchmarks.anonymize.figures import Figures
from benchmarks.shared.machine import sentence
from benchmarks.shared.tables import Cell, table


def markdown(figures: Figures) -> str:
    """Return everything as it may stand in a README."""
    parts = [
        f"Measured on {sentence(dict(figures.machine))} Mode: {figures.mode}; "
        f"`{figures.machine['command']}`."
    ]
    if figures.scenes:
        parts.append(_people(figures.scenes))
    if figures.fills:
        parts.append(_fills(figures.fills))
    if figures.costs:
        parts.append(_costs(figures.costs))
    return "\n\n".join(parts)


def _people(scenes: Sequence[recall.SceneOutcome]) -> str:
    people = [person for outcome in scenes for person in outcome.people]
    rows = [
        (
            line.label,
            line.people,
            line.tiled,
            line.untiled,
            line.before,
            line.after,
            line.nobody,
            line.uncovered,
            line.uncovered_worst,
        )
        for line in recall.lines(people)
    ]
    head = (
        "visible height",
        "people",
        "recall",
        "recall without tiles",
        "judge: before",
        "judge: after",
        "judge: clean picture",
        "body left, median",
        "body left, worst",
    )
    false = sum(outcome.false for outcome in scenes)
    worst = max(outcome.difference_outside for outcome in scenes)
    verdicts = ", ".join(outcome.verdict for outcome in scenes)
    return (
        f"### People found and removed, in {len(scenes)} pictures of 12 megapixels\n\n"
        f"{table(head, rows)}\n\n"
        f"Recall: share found by the product's detection at its default threshold, with an IoU of at least "
        f"0.5. The judge is an independent detector (SSDLite on MobileNetV2), shown every place in four "
        f"squares; a person counts from a score of {residue.THRESHOLD}. Body left: share of a person's "
        f"pixels outside the step's mask. Detections where nobody is: {false}. Largest difference "
        f"outside the mask: {worst}. Verdicts: {verdicts}."
    )


def _fills(rows: Sequence[fill.Filled]) -> str:
    large = [row for row in rows if row.scene == fill.LARGE]
    small = [row for row in rows if row.scene != fill.LARGE]
    cells = [
        (row.scene, row.way, row.share, row.psnr, row.ssim, row.structure, row.texture, row.seconds)
        for row in [*fill.mean(small), *large]
    ]
    head = ("picture", "way", "masked", "PSNR, dB", "SSIM", "edges", "fine detail", "seconds")
    return (
        "### The fill against the truth, inside the mask\n\n"
        f"{table(head, cells)}\n\n"
        "Everybody fills the same holes: the people, grown by 6 px. Edges: agreement of gradients, 1 is the same. "
        "Fine detail: share of the truth's; 1 is as rich. "
        "PSNR favours blur. Small pictures are photos at their own size (0.24 to 0.37 megapixels)."
    )


def _costs(rows: Sequence[cost.Cost]) -> str:
    head = (
        "scene",
        "megapixels",
        "rounds",
        "seconds",
        "processor s",
        "s per MP",
        "peak MB",
        "MB per MP over loaded",
        "people",
        "changed",
        *cost.PHASES,
    )
    cells: list[tuple[Cell, ...]] = [
        (
            row.scene,
            row.megapixels,
            row.rounds,
            row.seconds,
            row.processor_seconds,
            row.seconds / row.megapixels,
            row.peak_mb,
            (row.peak_mb - row.loaded_mb) / row.megapixels,
            f"{row.people:.1%}",
            f"{row.changed:.1%}",
            *(f"{row.phases[phase] / row.seconds:.0%}" for phase in cost.PHASES),
        )
        for row in rows
    ]
    loads = ", ".join(f"{row.loaded_mb:.0f} MB after {row.load_seconds:.1f} s" for row in rows[:1])
    return (
        "### What it costs\n\n"
        f"{table(head, cells)}\n\n"
        f"A JPEG in, a JPEG out, models loaded ({loads}), each size in a process of its own, median of "
        f"{rows[0].runs}. Processor seconds are those of all cores together, steadier where others use the machine. "
        f"The phases are shares of the seconds. In the garage parts of a motorcycle are taken for "
        f"somebody once the people are gone, so that a second round follows."
    )
