"""The models that an anonymization draws on, loaded once per process."""

from dataclasses import dataclass

from steps import residency
from steps.anonymize.detectors import detectors_for
from steps.anonymize.parameters import AnonymizeParameters
from steps.backends.contract import Detector, Inpainter, Segmenter
from steps.backends.registry import use_of
from steps.contract import BackendUse
from steps.environment import Environment
from steps.errors import BackendUnavailable, WeightsMissing


@dataclass(frozen=True, slots=True)
class Models:
    """What one run uses."""

    detectors: tuple[Detector, ...]
    segmenter: Segmenter | None
    """None where the masks follow no outlines."""
    inpainter: Inpainter | None
    """None where nothing is filled."""

    def used(self) -> tuple[BackendUse, ...]:
        """Return what the report says of the backends and their weights."""
        backends = (*self.detectors, self.segmenter, self.inpainter)
        return tuple(use_of(backend.descriptor) for backend in backends if backend is not None)


def load_models(parameters: AnonymizeParameters, environment: Environment) -> Models:
    """Load what these parameters need.

    Raises:
        BackendUnavailable, WeightsMissing, WeightsInvalid: a backend cannot be used.
    """
    return Models(
        detectors=detectors_for(parameters, environment),
        segmenter=_segmenter(parameters, environment),
        inpainter=_inpainter(parameters, environment),
    )


def _segmenter(parameters: AnonymizeParameters, environment: Environment) -> Segmenter | None:
    if parameters.mask not in {"auto", "segmentation"}:
        return None
    try:
        return residency.choose(Segmenter, parameters.segmenter, environment)
    except (BackendUnavailable, WeightsMissing):
        # Boxes are a full answer to "auto", so there a segmenter that cannot be used is no error.
        if parameters.segmenter == "auto" and parameters.mask == "auto":
            return None
        raise


def _inpainter(parameters: AnonymizeParameters, environment: Environment) -> Inpainter | None:
    if parameters.method != "inpaint":
        return None
    return residency.choose(Inpainter, parameters.inpainter, environment)
