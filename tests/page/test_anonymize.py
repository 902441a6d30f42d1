"""The service as it is installed, with its default weights: the people in a real photo are gone."""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.connector.service_process import AS_INSTALLED, ServiceProcess
from tests.page.bench import add_step, choose, run, state

BUS = Path(__file__).parents[2] / "docs" / "pictures" / "bus-before.jpg"


@pytest.mark.weights
@pytest.mark.slow
def test_people_in_a_photo_are_removed(page: Page, context: BrowserContext) -> None:
    with ServiceProcess(AS_INSTALLED) as service:
        page.goto(f"http://127.0.0.1:{service.port}")
        choose(page, BUS)
        add_step(page, "Anonymize")
        run(page)
        state(page, "Finished", timeout=120_000)
        report = page.get_by_role("region", name="Report: Anonymize")
        expect(report.get_by_text("Clean", exact=True)).to_be_visible()
        expect(report.get_by_text("4 people")).to_be_visible()
        expect(report.get_by_text("0: every pixel is as it was")).to_be_visible()
        report.get_by_text("Models, weights and licences").click()
        expect(report.get_by_role("row", name="Detection")).to_contain_text("AGPL-3.0")
        expect(page.get_by_role("img", name="bus-before, after")).to_be_visible()
        context.close()
