"""Which detectors an anonymization needs: the fewest, best first, that know every class asked for."""

from collections.abc import Sequence
from importlib.util import find_spec

from steps import residency, weights
from steps.anonymize.parameters import AnonymizeParameters
from steps.backends.contract import Capability, Detector
from steps.backends.registry import availability, backend_classes
from steps.environment import Environment
from steps.errors import BackendUnavailable, WeightsMissing


def detectors_for(
    parameters: AnonymizeParameters, environment: Environment
) -> tuple[Detector, ...]:
    """Load the detectors for these classes.

    A class that no detector knows is left for `find` to refuse, which can name similar ones.

    Raises:
        BackendUnavailable, WeightsMissing, WeightsInvalid: no detector can be used, or the named
            one cannot, or none of those that know a class; the detail says why.
    """
    if parameters.detector != "auto":
        named = residency.choose(Detector, parameters.detector, environment)
        return (named.looking_for(parameters.classes),)
    chosen = [residency.choose(Detector, "auto", environment).looking_for(parameters.classes)]
    for kind in backend_classes(Capability.DETECTION):
        if not _unknown(parameters.classes, chosen):
            break
        if kind.descriptor.rank > 0 and availability(kind.descriptor, environment).usable:
            candidate = residency.choose(Detector, kind.descriptor.name, environment)
            candidate = candidate.looking_for(_unknown(parameters.classes, chosen))
            if set(_unknown(parameters.classes, chosen)) & set(candidate.classes):
                chosen.append(candidate)
    for label in _unknown(parameters.classes, chosen):
        _complain_of_those_that_know(label, parameters.classes.index(label), environment)
    needed = [d for d in chosen if set(d.classes) & set(parameters.classes)]
    return tuple(needed or chosen)


def _complain_of_those_that_know(label: str, index: int, environment: Environment) -> None:
    """Say why none of the detectors that know a class can be used; nothing where no detector knows it."""
    knowing = [
        kind
        for kind in backend_classes(Capability.DETECTION)
        if kind.descriptor.rank > 0 and label in getattr(kind, "classes", ())
    ]
    reasons = [
        f"{kind.descriptor.name}: {availability(kind.descriptor, environment).reason}"
        for kind in knowing
    ]
    if not reasons:
        return
    detail = f"no detector that knows the class {label!r} can be used: {'; '.join(reasons)}"
    wanted = knowing[0].descriptor
    lacking = all(find_spec(name) is not None for name in wanted.requires) and any(
        weights.is_missing(name, environment) for name in wanted.weights
    )
    raise (WeightsMissing if lacking else BackendUnavailable)(detail, pointer=f"/classes/{index}")


def _unknown(classes: Sequence[str], detectors: Sequence[Detector]) -> list[str]:
    known = {label for detector in detectors for label in detector.classes}
    return [label for label in classes if label not in known]
