"""docs/operations.md says nothing that is not so: its links, variables and commands exist."""

import re

import pytest

from tests.operations.files import GUIDE, ROOT, services


def _text() -> str:
    return GUIDE.read_text(encoding="utf-8")


def test_its_links_lead_somewhere() -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", _text())
    assert len(targets) > 5
    assert [t for t in targets if "://" not in t and not (GUIDE.parent / t).exists()] == []


@pytest.mark.parametrize("word", ["stop_grace_period", "stopTimeout"])
def test_the_time_to_end_is_the_same_everywhere(word: str) -> None:
    (named,) = re.findall(rf"`{word}: (\d+)s?`", _text())
    for worker in ("cpu-worker", "gpu-worker"):
        assert services()[worker]["stop_grace_period"] == f"{named}s"


def test_services_that_it_names_exist() -> None:
    named = re.findall(r"docker compose (?:logs|ps|stop|start) ([a-z -]+)", _text())
    named += re.findall(r"docker compose exec (\S+)", _text())
    words = {word for names in named for word in names.split()}
    assert {"api", "keeper", "postgres"} <= words
    assert words <= set(services())


def test_what_it_says_of_files_is_there() -> None:
    for name in set(re.findall(r"`(deploy/[\w./-]+)`", _text())):
        assert (ROOT / name).exists()
