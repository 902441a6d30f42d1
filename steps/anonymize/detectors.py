"""Which detectors an anonymization needs: the fewest, best first, that know every class asked for."""

from collections.abc import Sequence

from steps import residency
from steps.anonymize.parameters import AnonymizeParameters
from steps.backends.contract import Capability, Detector
from steps.backends.registry import availability, backend_classes
from steps.environment import Environment


def detectors_for(
    parameters: AnonymizeParameters, environment: Environment
) -> tuple[Detector, ...]:
    """Load the detectors for these classes.

    A class that none of them knows is left for `find` to refuse, which can name similar ones.

    Raises:
        BackendUnavailable, WeightsMissing, WeightsInvalid: no detector can be used, or the named
            one cannot.
    """
    if parameters.detector != "auto":
        return (residency.choose(Detector, parameters.detector, environment),)
    chosen = [residency.choose(Detector, "auto", environment)]
    for kind in backend_classes(Capability.DETECTION):
        if not _unknown(parameters.classes, chosen):
            break
        if kind.descriptor.rank > 0 and availability(kind.descriptor, environment).usable:
            candidate = residency.choose(Detector, kind.descriptor.name, environment)
            if set(_unknown(parameters.classes, chosen)) & set(candidate.classes):
                chosen.append(candidate)
    needed = [d for d in chosen if set(d.classes) & set(parameters.classes)]
    return tuple(needed or chosen)


def _unknown(classes: Sequence[str], detectors: Sequence[Detector]) -> list[str]:
    known = {label for detector in detectors for label in detector.classes}
    return [label for label in classes if label not in known]
