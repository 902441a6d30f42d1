"""What is wrong is said where it is wrong, in the service's own words."""

from pathlib import Path

from playwright.sync_api import Page, Route, expect

from tests.page.bench import add_step, choose, run, state
from tests.page.conftest import picture
from tests.page.serving import Served


def test_a_field_that_the_service_refuses_is_marked(
    page: Page, service: Served, photo: Path
) -> None:
    page.goto(service.url)
    choose(page, photo)
    card = add_step(page, "Echo")
    sizes = card.get_by_label("Sizes").and_(card.locator("input"))
    sizes.fill("3, wide")
    run(page)
    expect(card.locator("[data-name=sizes] .error")).to_contain_text("wide: ")
    expect(sizes).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("alert")).to_contain_text("/steps/0/parameters/sizes/1")
    card.get_by_role("button", name="Remove wide").click()
    run(page)
    state(page, "Finished")
    expect(sizes).not_to_have_attribute("aria-invalid", "true")


def test_a_number_out_of_range_is_found_before_anything_is_sent(
    page: Page, service: Served, photo: Path
) -> None:
    sent: list[str] = []
    page.on("request", lambda r: sent.append(r.url) if r.method == "POST" else None)
    page.goto(service.url)
    choose(page, photo)
    card = add_step(page, "Echo")
    card.get_by_text("More settings").click()
    card.get_by_label("Copies", exact=True).fill("9")
    card.get_by_text("More settings").click()
    run(page)
    expect(card.get_by_text("at most 5 is possible")).to_be_visible()
    assert sent == []


def test_a_job_that_fails_says_why_and_marks_the_field(
    page: Page, service: Served, photo: Path
) -> None:
    page.goto(service.url)
    choose(page, photo)
    card = add_step(page, "Moody")
    card.get_by_label("Gate").fill(str(photo.parent / "mood"))
    run(page)
    state(page, "Failed")
    expect(page.locator(".item").get_by_text("not in the mood")).to_be_visible()
    expect(card.locator("[data-name=gate] .error")).to_have_text("not in the mood")
    (photo.parent / "mood").touch()
    page.get_by_role("button", name="Retry what failed").click()
    state(page, "Finished")


def test_what_is_missing_is_said(page: Page, service: Served, photo: Path) -> None:
    page.goto(service.url)
    run(page)
    expect(page.get_by_role("alert")).to_contain_text("Choose what should happen first.")
    add_step(page, "Negative")
    run(page)
    expect(page.get_by_role("alert")).to_contain_text("Add a photo first.")


def test_a_file_that_is_forgotten_is_sent_again(page: Page, service: Served, photo: Path) -> None:
    page.goto(service.url)
    choose(page, photo)
    add_step(page, "Negative")
    with page.expect_response("**/v1/files**") as waiting:
        run(page)
    state(page, "Finished")
    gone = page.request.delete(waiting.value.headers["location"])
    assert gone.status == 204
    with page.expect_response("**/v1/files**") as again:
        run(page)
    assert again.value.status == 201
    state(page, "Finished")


def test_a_problem_is_shown_as_the_service_says_it(
    page: Page, service: Served, photo: Path
) -> None:
    def busy(route: Route) -> None:
        problem = {
            "title": "Too many items wait",
            "detail": "a thousand wait",
            "code": "queue-full",
        }
        route.fulfill(status=429, json=problem | {"retryable": True, "traceId": "f00"})

    page.route("**/v1/jobs", busy)
    page.goto(service.url)
    choose(page, photo)
    add_step(page, "Negative")
    run(page)
    alert = page.get_by_role("alert")
    for words in ("Too many items wait", "a thousand wait", "Trying again may help", "f00"):
        expect(alert).to_contain_text(words)


def test_what_a_report_or_a_name_holds_is_text(page: Page, service: Served, tmp_path: Path) -> None:
    nasty = tmp_path / "<img src=x onerror=alert(1)>.png"
    nasty.write_bytes(picture())
    page.goto(service.url)
    choose(page, nasty)
    add_step(page, "Negative")
    run(page)
    state(page, "Finished")
    expect(page.get_by_text("<img src=x onerror=alert(1)>.png").first).to_be_visible()


def test_a_job_whose_answer_was_lost_is_not_made_twice(
    page: Page, service: Served, photo: Path, wrong: list[str]
) -> None:
    def lose(route: Route) -> None:
        route.fetch()  # the service gets it, and its answer is lost
        route.abort()

    page.route("**/v1/jobs", lose)
    page.goto(service.url)
    choose(page, photo)
    add_step(page, "Negative")
    run(page)
    expect(page.get_by_role("alert")).to_contain_text("The service does not answer")
    assert all("ERR_FAILED" in line for line in wrong)
    wrong.clear()
    page.unroute("**/v1/jobs")
    run(page)
    state(page, "Finished")
    assert len(page.request.get(f"{service.url}/v1/jobs").json()["jobs"]) == 1


def test_a_word_that_is_not_entered_yet_does_not_swallow_the_next_click(
    page: Page, service: Served
) -> None:
    page.goto(service.url)
    card = add_step(page, "Echo")
    words = card.get_by_label("Classes").and_(card.locator("input"))
    words.fill("a word so long that it needs a line of its own")
    card.get_by_text("More settings").click()
    expect(card.get_by_label("Copies", exact=True)).to_be_visible()
    expect(card.get_by_role("list", name="Classes").get_by_role("listitem")).to_have_count(2)
