"""The list of jobs: state, age, attempts, pages; cancel, retry, open."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.page.conftest import picture
from tests.page.serving import Served


def create(
    page: Page, service: Served, *, step: str = "negative", items: int = 1, **parameters: str
) -> str:
    """Create a job behind the page's back."""
    file = page.request.post(f"{service.url}/v1/files", data=picture()).json()
    job: dict[str, Any] = page.request.post(
        f"{service.url}/v1/jobs",
        data={
            "steps": [{"step": step, "parameters": parameters}],
            "items": [{"parts": [{"url": file["url"]}]}] * items,
        },
    ).json()
    return str(job["id"])


def row(page: Page, job: str) -> Any:
    return page.locator(f"tr[data-job='{job}']")


def test_jobs_are_listed_live_with_state_counts_attempts_and_age(page: Page, idle: Served) -> None:
    job = create(page, idle, items=2)
    page.goto(f"{idle.url}/#/jobs")
    line = row(page, job)
    expect(line).to_contain_text("Waiting")
    expect(line).to_contain_text("0 of 2 finished")
    idle.workshop.work()
    expect(line).to_contain_text("Finished")
    expect(line).to_contain_text("2 of 2 finished")
    expect(line.locator("[data-title=Attempts]")).to_have_text("1")
    expect(line.locator("time")).to_contain_text("now")


def test_a_waiting_job_is_cancelled_and_a_failed_one_tried_again(
    page: Page, idle: Served, tmp_path: Path
) -> None:
    mood = tmp_path / "mood"
    failed = create(page, idle, step="moody", gate=str(mood))
    idle.workshop.work()
    waiting = create(page, idle)
    page.goto(f"{idle.url}/#/jobs")
    row(page, waiting).get_by_role("button", name="Cancel").click()
    expect(row(page, waiting)).to_contain_text("Cancelled")
    expect(row(page, failed)).to_contain_text("not in the mood")
    mood.touch()
    row(page, failed).get_by_role("button", name="Retry").click()
    expect(row(page, failed)).to_contain_text("Waiting")
    idle.workshop.work()
    expect(row(page, failed)).to_contain_text("Finished")
    expect(row(page, failed).locator("[data-title=Attempts]")).to_have_text("2")


def test_the_list_is_paged_and_filtered(page: Page, idle: Served) -> None:
    first = create(page, idle)
    idle.workshop.work()
    waiting = [create(page, idle) for _ in range(21)]
    page.goto(f"{idle.url}/#/jobs")
    expect(row(page, waiting[-1])).to_be_visible()
    expect(page.locator("tr[data-job]")).to_have_count(20)
    page.get_by_role("button", name="Older").click()
    expect(row(page, first)).to_be_visible()
    page.get_by_role("button", name="Newer").click()
    expect(row(page, waiting[-1])).to_be_visible()
    page.get_by_role("radio", name="Finished").check(force=True)
    expect(page.locator("tr[data-job]")).to_have_count(1)
    expect(row(page, first)).to_be_visible()
    page.get_by_role("radio", name="Failed").check(force=True)
    expect(page.get_by_text("No job is failed.")).to_be_visible()


def test_a_job_is_opened_watched_and_cancelled(page: Page, idle: Served) -> None:
    job = create(page, idle)
    page.goto(f"{idle.url}/#/jobs")
    row(page, job).get_by_role("link", name="Negative").click()
    expect(page).to_have_url(f"{idle.url}/#/jobs/{job}")
    expect(page.get_by_text("Waiting for a worker…")).to_be_visible()
    idle.workshop.work()
    expect(page.get_by_role("img", name="1, after")).to_be_visible()
    other = create(page, idle)
    page.goto(f"{idle.url}/#/jobs/{other}")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".stage-title .badge")).to_have_text("Cancelled")


def test_a_job_is_deleted(page: Page, service: Served) -> None:
    job = create(page, service)
    page.goto(f"{service.url}/#/jobs/{job}")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("The job and its pictures are deleted.")).to_be_visible()
    assert page.request.get(f"{service.url}/v1/jobs/{job}").status == 404


def test_a_job_that_is_not_there_is_said(page: Page, service: Served) -> None:
    page.goto(f"{service.url}/#/jobs/01NOTHING")
    expect(page.get_by_role("alert")).to_contain_text("there is no job 01NOTHING")


def test_a_job_of_many_photos_is_shown_page_by_page(page: Page, idle: Served) -> None:
    job = create(page, idle, items=101)
    page.goto(f"{idle.url}/#/jobs/{job}")
    photos = page.get_by_role("list", name="Photos of this job").get_by_role("listitem")
    expect(photos).to_have_count(100)
    page.get_by_role("button", name="Show more photos").click()
    expect(photos).to_have_count(101)
    expect(page.get_by_role("button", name="Show more photos")).to_be_hidden()
