import json
from pathlib import Path

import pytest

from comfy_bridge.nodes.service.connection import (
    LOCAL,
    Choice,
    ConnectionInvalid,
    origin,
    resolve,
)

HOME = {"RETUSCHE_URL": "https://images.example/", "RETUSCHE_API_KEY": "rtk_1"}


def configured(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "connections.json"
    file.write_text(text)
    return file


def test_without_any_configuration_it_is_the_service_on_this_machine() -> None:
    found = resolve(Choice(), {}, None)
    assert (found.url, found.key) == (LOCAL, None)


def test_address_and_key_come_from_the_environment() -> None:
    found = resolve(Choice(), HOME, None)
    assert (found.url, found.key) == ("https://images.example", "rtk_1")


def test_a_named_connection_has_variables_of_its_own() -> None:
    studio = {"RETUSCHE_STUDIO_URL": "https://studio.example", "RETUSCHE_STUDIO_API_KEY": "rtk_2"}
    found = resolve(Choice(name="studio"), HOME | studio, None)
    assert (found.url, found.key) == ("https://studio.example", "rtk_2")


def test_the_file_serves_where_no_variable_does(tmp_path: Path) -> None:
    file = configured(
        tmp_path, json.dumps({"default": {"url": "https://f.example", "apiKey": "k"}})
    )
    found = resolve(Choice(), {}, file)
    assert (found.url, found.key) == ("https://f.example", "k")
    assert resolve(Choice(), HOME, file).key == "rtk_1"


@pytest.mark.parametrize(
    "url",
    ["https://evil.example", "http://images.example", "https://images.example:8443"],
)
def test_a_workflow_s_own_address_never_gets_the_key(url: str) -> None:
    found = resolve(Choice(url=url), HOME, None)
    assert found.key is None
    assert found.withheld == "https://images.example/"


def test_a_key_alone_belongs_to_the_service_on_this_machine() -> None:
    key = {"RETUSCHE_API_KEY": "rtk_1"}
    assert resolve(Choice(), key, None).key == "rtk_1"
    assert resolve(Choice(url="https://evil.example"), key, None).key is None


def test_the_key_is_in_no_representation() -> None:
    assert "rtk_1" not in repr(resolve(Choice(), HOME, None))


@pytest.mark.parametrize("url", ["ftp://a.example", "images.example", "https://", "http://u:p@a"])
def test_what_is_no_address_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ConnectionInvalid, match="accepted: http") as caught:
        resolve(Choice(url=url), {}, None)
    assert "u:p" not in str(caught.value)


@pytest.mark.parametrize("text", ["{", "[]", '{"default": 1}', '{"default": {"url": 1}}'])
def test_a_broken_file_is_named(tmp_path: Path, text: str) -> None:
    file = configured(tmp_path, text)
    with pytest.raises(ConnectionInvalid, match=r"connections\.json"):
        resolve(Choice(), {}, file)


def test_a_name_that_is_no_variable_s_is_refused() -> None:
    with pytest.raises(ConnectionInvalid, match="letters, digits"):
        resolve(Choice(name="a b"), {}, None)


def test_the_usual_port_is_the_same_origin() -> None:
    assert origin("https://a.example:443/x") == origin("https://a.example")
