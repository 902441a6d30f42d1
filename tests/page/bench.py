"""What a person does on the page, by the words that they see."""

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Locator, Page, expect


def choose(page: Page, *files: Path) -> None:
    """Choose photos."""
    page.get_by_label("Choose: Photos").set_input_files(files)


def add_step(page: Page, title: str) -> Locator:
    """Add a step to the chain and return its card."""
    catalogue = page.locator("details.catalogue")
    if catalogue.get_attribute("open") is None:
        catalogue.locator("summary").click()
    cards = page.locator("section.step")
    number = cards.count()
    catalogue.get_by_role("button", name=title).click()
    expect(cards).to_have_count(number + 1)
    return cards.nth(number)


def run(page: Page) -> None:
    """Press the button."""
    page.get_by_role("button", name="Run", exact=False).last.click()


def state(page: Page, word: str, timeout: float | None = None) -> None:
    """Wait until the job that is shown is in a state; `timeout` in ms."""
    expect(page.locator(".stage-title .badge")).to_have_text(word, timeout=timeout)


def pixel(view: Locator, across: float, down: float = 0.5) -> tuple[int, int, int]:
    """Return the colour of a view as it is seen, at shares of its width and height."""
    seen = Image.open(io.BytesIO(view.screenshot())).convert("RGB")
    found = seen.getpixel((int(across * (seen.width - 1)), int(down * (seen.height - 1))))
    assert isinstance(found, tuple)
    return found[0], found[1], found[2]


def near(left: tuple[int, ...], right: tuple[int, ...]) -> bool:
    """Say whether two colours look the same."""
    return all(abs(a - b) <= 6 for a, b in zip(left, right, strict=True))
