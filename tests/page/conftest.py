"""A real Chromium. Absent: skipped on a user's machine, an error where CI promises it."""

import io
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.connector.fifo import fifo
from tests.connector.workshop import settings_in
from tests.page.serving import Served, serving

__all__ = ["fifo"]

FLAGS = (
    "--headless",
    "--no-sandbox",  # CI is root in a container
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
TIMEOUT = 30_000
"""Milliseconds that the page may take for anything, on the slowest machine."""
SKY = (40, 120, 200)
"""Colour of the usual photo, everywhere."""
REFUSED = "Failed to load resource: the server responded with a status of 4"
"""Chromium's own line for an answer that the page shows as a problem."""


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Closed behind the last test of the page: while it is open no test can have an event loop of its own."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        if os.environ.get("CI"):
            pytest.fail("CI promises Chromium, and there is none")
        pytest.skip("no Chromium: apt-get install chromium")
    expect.set_options(timeout=TIMEOUT)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield opened
        opened.close()


@pytest.fixture
def wrong() -> list[str]:
    """Errors of scripts and lines of the console; one who expects some takes them away."""
    return []


@pytest.fixture
def context(browser: Browser, wrong: list[str]) -> Iterator[BrowserContext]:
    """A browser without memory that notes what a page must not do."""
    made = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    made.set_default_timeout(TIMEOUT)
    asked: list[str] = []
    made.on("request", lambda request: asked.append(request.url))
    made.on("weberror", lambda found: wrong.append(str(found.error)))
    made.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    yield made
    made.close()
    assert [line for line in wrong if not line.startswith(REFUSED)] == []
    here = ("http://127.0.0.1:", "blob:http://127.0.0.1:")
    assert [url for url in asked if not url.startswith(here)] == []


@pytest.fixture
def service(context: BrowserContext, tmp_path: Path) -> Iterator[Served]:
    """A service with nothing in it, which works on each job at once."""
    with serving(settings_in(tmp_path / "service")) as served:
        yield served
        context.close()  # before its service ends: a page asks again and again


@pytest.fixture
def idle(context: BrowserContext, tmp_path: Path) -> Iterator[Served]:
    """A service whose worker does nothing by itself."""
    with serving(settings_in(tmp_path / "service"), rings=False) as served:
        yield served
        context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page that is nowhere yet."""
    return context.new_page()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A picture of one colour, 64 × 48 px."""
    path = tmp_path / "kitchen.png"
    path.write_bytes(picture())
    return path


def picture(form: str = "PNG") -> bytes:
    """Return the usual photo's bytes."""
    out = io.BytesIO()
    Image.new("RGB", (64, 48), SKY).save(out, form)
    return out.getvalue()
