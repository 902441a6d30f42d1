import pytest

from connector.commands.demo import summary
from steps.anonymize.report import AnonymizedPage, AnonymizeReport, FillRound, SeenThing
from steps.contract import Report


def test_the_summary_says_what_was_done() -> None:
    seen = SeenThing(label="person", score=0.9, box=(0, 0, 10, 20), width=10, height=20)
    rounds = tuple(FillRound(number=n, method="inpaint", mask_share=0.1) for n in (1, 2))
    page = AnonymizedPage(
        number=1,
        width=80,
        height=60,
        detections=(seen, seen, seen),
        rounds=rounds,
        largest_difference_outside_mask=0,
        verdict="clean",
    )
    report = AnonymizeReport(
        step="anonymize",
        version="1",
        seed=0,
        verdict="clean",
        pages=(page,),
        delivered_lossless=False,
    )
    assert summary(report, 3.21) == (
        "3 people removed in 2 rounds, 0 still detected (clean); "
        "largest difference outside the mask 0 of 255; 3.2 s with loading"
    )


def test_another_steps_report_is_refused() -> None:
    with pytest.raises(TypeError, match="gave a Report"):
        summary(Report(step="x", version="1", seed=0), 1.0)
