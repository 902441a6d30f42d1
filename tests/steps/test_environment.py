from pathlib import Path

import pytest

from steps.environment import Environment


def test_without_variables_the_defaults_hold() -> None:
    environment = Environment.from_env({"XDG_CACHE_HOME": "/c"})
    assert environment.weights_dir == Path("/c/retusche/weights")
    assert environment.device == "auto"
    assert environment.threads >= 1
    assert not environment.allow_non_commercial
    assert environment.denied_licences == frozenset()


def test_variables_are_read() -> None:
    environment = Environment.from_env(
        {
            "RETUSCHE_WEIGHTS_DIR": "/w",
            "RETUSCHE_DEVICE": "cpu",
            "RETUSCHE_THREADS": "3",
            "RETUSCHE_ALLOW_NON_COMMERCIAL": "yes",
            "RETUSCHE_DENY_LICENCES": "AGPL-3.0, GPL-3.0,",
            "RETUSCHE_MODELS_FILE": "/m.yaml",
            "HF_HUB_OFFLINE": "1",
            "RETUSCHE_PRECISION": "bfloat16",
            "RETUSCHE_GPU_MEMORY_MB": "8000",
        }
    )
    assert environment.models_file == Path("/m.yaml")
    assert environment.offline
    assert (environment.precision, environment.gpu_memory_mb) == ("bfloat16", 8000)
    assert environment.weights_dir == Path("/w")
    assert (environment.device, environment.threads) == ("cpu", 3)
    assert environment.allow_non_commercial
    assert environment.denied_licences == {"AGPL-3.0", "GPL-3.0"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RETUSCHE_DEVICE", "tpu"),
        ("RETUSCHE_THREADS", "0"),
        ("RETUSCHE_PRECISION", "int8"),
        ("RETUSCHE_THREADS", "two"),
        ("RETUSCHE_ALLOW_NON_COMMERCIAL", "perhaps"),
    ],
)
def test_a_value_that_cannot_be_understood_names_its_variable(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        Environment.from_env({name: value})
