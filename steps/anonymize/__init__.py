"""The step "anonymize": find people or objects, remove them, look again, prove the rest unchanged."""

from steps.anonymize.parameters import AnonymizeParameters
from steps.anonymize.report import AnonymizeReport
from steps.anonymize.step import Anonymize

__all__ = ["Anonymize", "AnonymizeParameters", "AnonymizeReport"]
