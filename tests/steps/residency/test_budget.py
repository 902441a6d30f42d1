from dataclasses import replace
from pathlib import Path

from steps.environment import Environment
from steps.residency.budget import MIB, UNLIMITED, Budget, machine_bytes

HERE = Environment(weights_dir=Path("/none"), device="cpu")


def test_the_setting_counts() -> None:
    assert Budget.of(replace(HERE, model_memory_mb=300)).memory == 300 * MIB
    assert Budget.of(replace(HERE, gpu_memory_mb=300)).gpu == 300 * MIB


def test_without_a_setting_a_share_of_the_machine() -> None:
    assert Budget.of(HERE).memory == round(machine_bytes() / 2)
    assert 0 < machine_bytes() < UNLIMITED


def test_without_a_gpu_nothing_stays_on_one() -> None:
    assert Budget.of(HERE).gpu == 0
