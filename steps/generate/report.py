"""The record of pictures from words."""

from steps.contract import Report, Wire


class GeneratedPicture(Wire):
    """One variation."""

    number: int
    """1 for the first; results are in this order."""
    seed: int
    """With the same parameters, weights and this seed, `count` 1 gives this picture alone."""
    width: int
    height: int


class GenerateReport(Report):
    """The report of the step "generate"."""

    pictures: tuple[GeneratedPicture, ...]
