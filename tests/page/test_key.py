"""With keys on: the page asks for one, keeps it in the tab, and never puts it into an address."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from connector.auth import key_rows
from connector.auth.scopes import scopes_of
from tests.connector.workshop import settings_in
from tests.page.bench import add_step, choose, run, state
from tests.page.serving import Served, serving


@pytest.fixture
def locked(context: BrowserContext, tmp_path: Path) -> Iterator[Served]:
    """A service that asks for keys."""
    with serving(settings_in(tmp_path / "service", auth="keys")) as served:
        yield served
        context.close()


def test_a_key_is_asked_for_and_used(page: Page, locked: Served, photo: Path) -> None:
    scopes = scopes_of("steps:run,jobs:read,jobs:cancel")
    key = locked.workshop.database.write(
        lambda tx: key_rows.create(tx, "portal", scopes, time.time())
    ).text
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(locked.url)
    dialog = page.get_by_role("dialog", name="API key")
    dialog.get_by_label("Key").fill("rtk_000000000000_wrong")
    dialog.get_by_label("Key").press("Enter")
    expect(dialog).to_contain_text("The key was refused")
    dialog.get_by_label("Key").fill(key)
    dialog.get_by_role("button", name="Use this key").click()
    choose(page, photo)
    add_step(page, "Negative")
    run(page)
    state(page, "Finished")
    expect(page.get_by_role("img", name="kitchen, after")).to_be_visible()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download all").click()
    assert waiting.value.path().stat().st_size > 0
    assert [url for url in asked if key in url] == []
    assert page.evaluate("localStorage.length") == 0
    page.get_by_role("button", name="Forget the key").click()
    expect(dialog).to_be_visible()


def test_who_gives_no_key_can_try_again(page: Page, locked: Served) -> None:
    page.goto(locked.url)
    page.get_by_role("button", name="Not now").click()
    expect(page.get_by_role("alert")).to_contain_text("An API key is needed")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("dialog", name="API key")).to_be_visible()
