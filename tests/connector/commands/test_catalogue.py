import json

from connector.commands.parameters import objects, rows
from steps.anonymize.parameters import AnonymizeParameters
from tests.connector.commands.conftest import Cli

SCHEMA = AnonymizeParameters.model_json_schema(by_alias=True)


def test_steps_are_listed(cli: Cli) -> None:
    listed = cli("steps").stdout
    assert "invert" in listed
    assert "1.2.0" in listed
    assert "Inverts a part of the picture." in listed


def test_a_step_is_described(cli: Cli) -> None:
    described = cli("describe", "invert").stdout
    assert "takes: source (needed): the picture to work on" in described
    line = next(line for line in described.splitlines() if line.strip().startswith("strength"))
    for cell in ("number, ≥ 0", "≤ 1", "1.0", "How much of the inverted picture is mixed in."):
        assert cell in line
    assert "raise | crash | memory" in described
    assert "field of Area" in described


def test_the_schema_is_for_programs(cli: Cli) -> None:
    schema = json.loads(cli("describe", "invert", "--json").stdout)
    assert schema["properties"]["strength"]["maximum"] == 1


def test_an_unknown_step_is_an_error(cli: Cli) -> None:
    ran = cli("describe", "inwert")
    assert ran.exit_code == 2
    assert "known steps" in ran.stderr


def test_every_parameter_says_what_it_takes_and_means() -> None:
    for name, takes, default, meaning in rows(SCHEMA, SCHEMA):
        assert "anything" not in takes, name
        assert default != "", name
        assert len(meaning) > 10, name


def test_types_read_as_words() -> None:
    assert {name: default for name, _, default, _ in rows(SCHEMA, SCHEMA)}["thresholds"] == "{}"
    takes = {name: text for name, text, _, _ in rows(SCHEMA, SCHEMA)}
    assert takes["classes"] == "list of text, at least 1, at most 100"
    assert takes["thresholds"] == "object of name: number, > 0.0, < 1.0"
    assert takes["keepZones"] == "list of Zone, at most 100"
    assert takes["onResidual"] == "redact | fail | report"
    assert takes["seed"] == "whole number, ≥ 0, ≤ 4294967295"
    zones = dict(objects(SCHEMA))
    inner = {name: text for name, text, _, _ in rows(SCHEMA, zones["Zone"])}
    assert inner["rectangle"] == "[number, number, number, number] or null"
