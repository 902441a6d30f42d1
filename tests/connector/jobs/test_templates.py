"""Templates: what is wrong with a file is said with the file, the template and the field."""

from pathlib import Path

import pytest

from connector.jobs.templates import TemplatesInvalid, load
from tests.connector import sample_steps

REGISTRY = sample_steps.registry()


def written(folder: Path, text: str) -> Path:
    path = folder / "templates.yaml"
    path.write_text(text)
    return path


def test_a_template_is_read(tmp_path: Path) -> None:
    text = "templates: {a: {steps: [{step: echo, onFailure: skip}], output: {quality: 7}}}"
    found = load(written(tmp_path, text), REGISTRY)["a"]
    assert found.steps[0].call().on_failure == "skip"
    assert found.output.quality == 7


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("templates: {a: {steps: []}}", "templates.a.steps"),
        ("templates: {a: {steps: [{step: nope}]}}", "templates.a.steps.0.step: there is no step"),
        ("templates: {a: {steps: [{step: echo, parameters: {seed: -2}}]}}", "a.steps.0.parameters.seed"),
        ("templates: {a: {steps: [{step: echo}], colour: 1}}", "templates.a.colour"),
        ("templates: {a: {steps: [{step: echo}], output: {mimeType: image/avif}}}", "output.mimeType"),
        ("templates: [", "is no YAML"),
        ("[]", "the file"),
        ("!!python/object/apply:os.getcwd []", "is no YAML"),
    ],
)  # fmt: skip
def test_a_wrong_template_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(TemplatesInvalid) as caught:
        load(path, REGISTRY)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


def test_every_fault_is_named(tmp_path: Path) -> None:
    text = "templates: {a: {steps: [{step: x}]}, b: {steps: [{step: y}]}}"
    with pytest.raises(TemplatesInvalid, match=r"(?s)templates\.a\..*templates\.b\."):
        load(written(tmp_path, text), REGISTRY)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(TemplatesInvalid, match=r"none\.yaml"):
        load(tmp_path / "none.yaml", REGISTRY)
