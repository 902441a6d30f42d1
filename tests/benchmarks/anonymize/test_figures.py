"""Counting what happened to people, averaging fills, and printing it."""

import json
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.anonymize.cost import PHASES, Cost, cases
from benchmarks.anonymize.figures import Figures
from benchmarks.anonymize.fill import LARGE, Filled, mean
from benchmarks.anonymize.plan import FULL
from benchmarks.anonymize.recall import Outcome, SceneOutcome, lines, uncovered
from benchmarks.anonymize.report import markdown
from benchmarks.anonymize.scenes import Scene
from benchmarks.anonymize.subject import Anonymized
from steps.anonymize.report import AnonymizeReport
from steps.backends.contract import Box

SEEN = Outcome(
    height=100,
    whole=True,
    name="walker",
    kind="quilt",
    tiled=True,
    untiled=False,
    before=0.9,
    after=0.1,
    nobody=0.0,
    uncovered=0.01,
)
MISSED = replace(SEEN, height=45, tiled=False, after=0.8, uncovered=1.0, whole=False)
TINY = replace(SEEN, height=25, tiled=False)
REPORT = AnonymizeReport(
    step="anonymize", version="1", seed=0, verdict="clean", pages=(), delivered_lossless=True
)


def delivered(mask: np.ndarray) -> Anonymized:
    return Anonymized(np.zeros((*mask.shape, 3), np.uint8), mask.astype(np.uint8), REPORT)


def test_people_are_counted_by_height_and_the_smallest_are_not_promised() -> None:
    counted = {line.label: line for line in lines([SEEN, MISSED, TINY])}
    assert counted["24–31 px"].tiled == 0
    assert counted["80–112 px"].tiled == 1
    promised = counted["40 px and taller"]
    assert (promised.people, promised.tiled, promised.untiled) == (2, 0.5, 0)
    assert (promised.before, promised.after) == (1, 0.5)
    assert promised.uncovered_worst == 1
    assert counted["– of these whole bodies"].people == 1
    assert "56–79 px" not in counted


def test_what_is_left_of_a_body_is_counted_on_its_solid_pixels() -> None:
    opacity = np.zeros((20, 20), np.uint8)
    opacity[5:15, 5:15] = 255
    opacity[4, 5:15] = 60
    empty = np.zeros((20, 20, 3), np.uint8)
    mask = np.zeros((20, 20), np.uint8)
    mask[8:15, 5:15] = 255
    made = Scene(empty, empty, (), opacity)
    assert uncovered(made, Box(5, 4, 15, 15), delivered(mask)) == pytest.approx(0.3)


def test_fills_are_averaged_by_way() -> None:
    rows = [Filled("a", "x", 20, 0.5, 1, 1, 1, 0.1), Filled("b", "x", 30, 0.7, 0, 0, 3, 0.3)]
    other = Filled("a", "y", 1, 1, 1, 1, 1, 1)
    first, second = mean([rows[0], other, rows[1]])
    assert (first.way, first.psnr, first.seconds) == ("x", 25, 2)
    assert first.ssim == pytest.approx(0.6)
    assert second == replace(other, scene="mean of 1")


def test_the_figures_are_json_and_markdown() -> None:
    outcome = SceneOutcome(
        "quilt", (SEEN, MISSED, TINY), 2, "clean", 0, delivered(np.zeros((0, 0)))
    )
    cost = Cost(
        scene="garage",
        megapixels=12,
        runs=3,
        people=0.08,
        seconds=4.0,
        processor_seconds=7.0,
        peak_mb=900,
        loaded_mb=300,
        load_seconds=1,
        changed=0.09,
        rounds=2,
        phases=dict.fromkeys(PHASES, 0.5),
        verdict="clean",
    )
    fills = (Filled("a", "x", 20, 0.5, 1, 1, 1, 0.1), Filled(LARGE, "x", 21, 0.5, 1, 1, 9, 0.1))
    machine = {
        "cpu": "Z80",
        "cores": 1,
        "memoryGb": 1,
        "load": 0,
        "python": "3",
        "packages": {},
        "command": "python -m here",
    }
    figures = Figures("quick", machine, (outcome,), fills, (cost,))
    kept = json.loads(json.dumps(figures.as_json()))
    assert [p["height"] for p in kept["missed"]] == [45]
    assert kept["scenes"]["falseDetections"] == 2
    text = markdown(figures)
    assert "Z80" in text
    assert "`python -m here`" in text
    assert "| garage | 12 | 2 | 4 | 7 | 0.333 | 900 | 50 | 8.0% | 9.0% | 12%" in text
    assert "Detections where nobody is: 2. Largest difference outside the mask: 0." in text


def test_the_plain_scene_is_measured_beside_twelve_megapixels() -> None:
    assert cases((1, 12)) == [("garage", 1), ("garage", 12), ("cup", 12)]
    assert cases((1,)) == [("garage", 1)]
    assert cases(()) == []


def test_a_part_alone_leaves_the_others_out() -> None:
    machine = {"cpu": "Z80", "cores": 1, "memoryGb": 1, "load": 0, "python": "3", "packages": {}}
    row = Filled("a", "x", 20, 0.5, 0.5, 1, 1, 0.1)
    figures = Figures("quick", {**machine, "command": "python"}, (), (row,), ())
    assert "People found" not in markdown(figures)
    assert "The fill" in markdown(figures)
    plan = FULL.only("fill")
    assert (plan.scenes, plan.fills, plan.sizes) == (0, FULL.fills, ())
    assert FULL.only("cost").large_fill is False
