"""The step "generate": pictures from words."""

from steps.generate.parameters import GenerateParameters
from steps.generate.report import GenerateReport
from steps.generate.step import Generate

__all__ = ["Generate", "GenerateParameters", "GenerateReport"]
