from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from steps.anonymize.merge import Sighting, merge
from steps.backends.contract import Box, Detection


def seen(
    x0: float,
    y0: float,
    x1: float,
    y1: float,
    score: float = 0.8,
    label: str = "person",
    *,
    cut: bool = False,
) -> Sighting:
    return Sighting(Detection(label, score, Box(x0, y0, x1, y1)), cut)


place = st.integers(0, 12).map(lambda n: n * 10.0)
extent = st.integers(0, 8).map(lambda n: n * 10.0)
sightings = st.lists(
    st.builds(
        lambda x, y, w, h, score, label, cut: seen(x, y, x + w, y + h, score, label, cut=cut),
        place,
        place,
        extent,
        extent,
        st.sampled_from([0.1, 0.3, 0.5, 0.9]),
        st.sampled_from(["person", "car"]),
        st.booleans(),
    ),
    max_size=12,
)


@settings(deadline=None)
@given(sightings, st.randoms(use_true_random=False))
def test_the_order_does_not_matter(found: list[Sighting], random: Random) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)
    assert merge(shuffled) == merge(found)


@settings(deadline=None)
@given(sightings)
def test_merging_again_changes_nothing(found: list[Sighting]) -> None:
    once = merge(found)
    assert merge(once) == once


@settings(deadline=None)
@given(sightings)
def test_nothing_is_invented_and_every_label_survives(found: list[Sighting]) -> None:
    kept = merge(found)
    assert set(kept) <= set(found)
    assert {s.detection.label for s in kept} == {s.detection.label for s in found}
    scores = [s.detection.score for s in kept]
    assert scores == sorted(scores, reverse=True)


@settings(deadline=None)
@given(sightings)
def test_everything_that_was_seen_still_lies_under_a_kept_box(found: list[Sighting]) -> None:
    # Privacy: what is dropped must overlap something of its label that stays.
    kept = merge(found)
    for sighting in found:
        a = sighting.detection
        assert any(
            a.label == s.detection.label
            and (a.box.intersection(s.detection.box) > 0 or a.box.area == 0)
            for s in kept
        )


def test_the_same_thing_at_two_scales_is_one() -> None:
    near, far = seen(0, 0, 50, 100, 0.9), seen(1, 2, 54, 102, 0.7)
    assert merge([near, far]) == [far]


def test_a_torso_does_not_replace_the_whole_person() -> None:
    whole, torso = seen(0, 0, 50, 200, 0.7), seen(0, 0, 50, 90, 0.9)
    assert merge([torso, whole]) == [whole]


def test_a_doubtful_large_box_does_not_swallow_sure_ones() -> None:
    group = seen(0, 0, 100, 100, 0.3)
    left, right = seen(0, 0, 45, 100, 0.9), seen(55, 0, 100, 100, 0.85)
    assert merge([group, left, right]) == [left, right, group]


def test_a_doubtful_larger_box_of_the_same_thing_gives_way() -> None:
    sure, loose = seen(0, 0, 50, 100, 0.9), seen(0, 0, 60, 120, 0.2)
    assert merge([loose, sure]) == [sure]


def test_two_halves_cut_by_a_tiles_edge_join_the_whole() -> None:
    whole = seen(0, 0, 100, 60, 0.4)
    left, right = seen(0, 0, 55, 60, 0.9, cut=True), seen(45, 0, 100, 60, 0.8, cut=True)
    assert merge([left, right, whole]) == [whole]


def test_a_half_without_a_whole_stays() -> None:
    half = seen(0, 0, 50, 60, cut=True)
    assert merge([half]) == [half]


def test_someone_far_behind_a_shoulder_stays() -> None:
    near, far = seen(0, 0, 200, 400), seen(150, 20, 180, 90)
    assert set(merge([near, far])) == {near, far}


def test_other_labels_do_not_matter() -> None:
    rider, horse = seen(0, 0, 50, 100), seen(0, 0, 50, 100, label="horse")
    assert set(merge([rider, horse])) == {rider, horse}
