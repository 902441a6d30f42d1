"""Words as classes, on a Grounding DINO with random weights."""

import numpy as np
import pytest

from steps.anonymize.detectors import detectors_for
from steps.anonymize.parameters import AnonymizeParameters
from steps.backends.detection.words import WordsDetector, _above, _spans
from steps.imaging.document import Pixels
from tests.steps.backends.torch_models.detectors import write_grounding_dino
from tests.steps.backends.torch_models.locating import here, located

WORDS = ("licence plate", "screen")


def picture(height: int = 64, width: int = 96) -> Pixels:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def detector(tmp_path_factory: pytest.TempPathFactory) -> WordsDetector:
    folder = write_grounding_dino(tmp_path_factory.mktemp("dino"))
    return WordsDetector.load_model(located(folder, "words-detector"), here())


@pytest.mark.torch
def test_labels_are_the_callers_words(detector: WordsDetector) -> None:
    looking = detector.looking_for(WORDS)
    assert looking.classes == WORDS
    found = looking.detect(picture(), size=96, threshold=0.01)
    assert {each.label for each in found} <= set(WORDS)
    assert found
    assert found == looking.detect(picture(), size=96, threshold=0.01)
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)


@pytest.mark.torch
def test_a_words_score_does_not_depend_on_how_many_passes_there_are(
    detector: WordsDetector, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = detector.find(picture(), ["screen"], size=96, threshold=0.0)
    monkeypatch.setattr("steps.backends.detection.words.WORDS_OF_A_PASS", 1)
    split = detector.find(picture(), WORDS, size=96, threshold=0.0)
    assert [each for each in split if each.label == "screen"] == whole


@pytest.mark.torch
def test_anonymize_hands_over_the_classes_that_it_is_asked_for(
    detector: WordsDetector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("steps.residency.choose", lambda *_: detector)
    parameters = AnonymizeParameters(classes=WORDS, detector="words-detector")
    (chosen,) = detectors_for(parameters, here())
    assert chosen.classes == WORDS


def test_each_word_has_the_tokens_up_to_its_full_stop() -> None:
    ids = [101, 7, 8, 1012, 9, 1012, 102]
    assert list(_spans(ids, stop=1012, begin=101)) == [slice(1, 3), slice(4, 5)]


def test_of_boxes_that_overlap_the_better_one_of_a_word_stays() -> None:
    boxes = np.array([[0, 0, 10, 10], [0, 0, 10, 9], [50, 50, 60, 60]], np.float32)
    scores = np.array([[0.9, 0.2], [0.8, 0.6], [0.1, 0.7]], np.float32)
    found = _above(boxes, scores, WORDS, threshold=0.5)
    assert [(each.label, round(each.score, 1)) for each in found] == [
        ("licence plate", 0.9),
        ("screen", 0.7),
        ("screen", 0.6),
    ]
