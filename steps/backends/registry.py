"""The explicit list of backends, and the choice among them."""

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from steps import models, weights
from steps.backends.contract import Backend, Capability, Descriptor
from steps.contract import BackendUse
from steps.environment import Environment
from steps.errors import BackendUnavailable, StepError, WeightsMissing
from steps.models import Model

BACKENDS: dict[Capability, tuple[str, ...]] = {
    Capability.DETECTION: (
        "steps.backends.detection.yolo_openvino:YoloV8OpenVino",
        "steps.backends.detection.yolo:YoloV8",
        "steps.backends.detection.centerface:CenterFace",
        "steps.backends.detection.transformers:TransformersDetector",
        "steps.backends.detection.words:WordsDetector",
        "steps.backends.detection.ultralytics:Ultralytics",
        "steps.backends.detection.stub:StubDetector",
    ),
    Capability.SEGMENTATION: (
        "steps.backends.segmentation.selfie:SelfieSegmenter",
        "steps.backends.segmentation.segment_anything:SegmentAnything",
        "steps.backends.segmentation.ultralytics:UltralyticsSegmenter",
        "steps.backends.segmentation.stub:StubSegmenter",
    ),
    Capability.INPAINTING: (
        "steps.backends.inpainting.patchmatch:PatchMatch",
        "steps.backends.inpainting.lama:Lama",
        "steps.backends.diffusion.inpaint:DiffusionInpainter",
        "steps.backends.inpainting.telea:Telea",
        "steps.backends.inpainting.stub:StubInpainter",
    ),
    Capability.UPSCALING: (
        "steps.backends.upscaling.animevideov3_ncnn:AnimeVideoV3Ncnn",
        "steps.backends.upscaling.animevideov3:AnimeVideoV3",
        "steps.backends.upscaling.x4plus:X4Plus",
        "steps.backends.upscaling.spandrel:Spandrel",
        "steps.backends.diffusion.upscale:DiffusionUpscaler",
        "steps.backends.upscaling.lanczos:Lanczos",
        "steps.backends.upscaling.stub:StubUpscaler",
    ),
    Capability.STYLIZATION: (
        "steps.backends.stylization.multistyle26:MultiStyle26",
        "steps.backends.stylization.arbitrary:ArbitraryStyle",
        "steps.backends.diffusion.style:DiffusionStylizer",
        "steps.backends.stylization.stub:StubStylizer",
    ),
    Capability.DIFFUSION: (
        "steps.backends.diffusion.paint:DiffusionPainter",
        "steps.backends.diffusion.stub:StubPainter",
    ),
}
"""Backends of this distribution by capability, as "module:class"."""


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether a backend can be used here, and why not."""

    descriptor: Descriptor
    reason: str | None
    """None when it can be used; otherwise one sentence that says what to do."""

    @property
    def usable(self) -> bool:
        """Whether it can be used."""
        return self.reason is None


@dataclass(frozen=True, slots=True)
class Choice:
    """A backend, and the model that it is to run where its models come from the model sets."""

    kind: type[Backend]
    model: Model | None = None


@cache
def backend_classes(capability: Capability) -> tuple[type[Backend], ...]:
    """Return the backends of a capability, highest rank first."""
    found: list[type[Backend]] = []
    for path in BACKENDS.get(capability, ()):
        module, _, name = path.partition(":")
        found.append(getattr(import_module(module), name))
    return tuple(sorted(found, key=lambda b: -b.descriptor.rank))


def ships(capability: Capability) -> bool:
    """Say whether the light core alone has a backend for this; else an installation without one is whole."""
    known = (kind.descriptor for kind in backend_classes(capability))
    return any(each.default and each.rank > 0 for each in known)


def availability(descriptor: Descriptor, environment: Environment) -> Availability:
    """Say whether a backend can be used in this environment; loads nothing."""
    _, problem = _judge(descriptor, "", environment)
    return Availability(descriptor, None if problem is None else problem.detail)


def _judge(
    descriptor: Descriptor, model: str, environment: Environment
) -> tuple[Model | None, StepError | None]:
    """Return the model that a backend would run (the named one, if any), and why it cannot be used."""
    refused = _refusal(descriptor, environment)
    if refused is not None:
        return None, BackendUnavailable(refused)
    if descriptor.from_models:
        return _model_for(descriptor.name, model, environment)
    if model:
        return None, BackendUnavailable(f"it has no choice of models, so {model!r} names nothing")
    reasons = (weights.reason_against(name, environment) for name in descriptor.weights)
    for name, reason in zip(descriptor.weights, reasons, strict=True):
        if reason is not None:
            kind = WeightsMissing if weights.is_missing(name, environment) else BackendUnavailable
            return None, kind(reason)
    return None, None


def _refusal(descriptor: Descriptor, environment: Environment) -> str | None:
    missing = [name for name in descriptor.requires if find_spec(name) is None]
    if missing:
        extra = "" if descriptor.default else "; install retusche[gpu]"
        return f"not installed: {', '.join(missing)}{extra}"
    if not descriptor.commercial and not environment.allow_non_commercial:
        return (
            f"its licence {descriptor.licence} forbids commercial use; "
            "set RETUSCHE_ALLOW_NON_COMMERCIAL=1 if your use is not commercial"
        )
    if descriptor.licence in environment.denied_licences:
        return f"its licence {descriptor.licence} is denied by RETUSCHE_DENY_LICENCES"
    return None


def _model_for(
    backend: str, wanted: str, environment: Environment
) -> tuple[Model | None, StepError | None]:
    """Return the first model of a backend that can be used here (or the named one), or what is against it."""
    first: StepError | None = None
    try:
        known = models.of_backend(backend, environment)
    except models.ModelsInvalid as error:
        return None, error
    for model in known:
        if wanted in {"", model.name}:
            problem = models.problem_with(model, environment)
            if problem is None:
                return model, None
            first = first or problem
    what = f"no model {wanted!r}" if wanted else "no model"
    names = ", ".join(model.name for model in known) or "none"
    return None, first or BackendUnavailable(f"there is {what} for {backend!r}; known: {names}")


def use_of(descriptor: Descriptor) -> BackendUse:
    """Return what a report says of a backend and its weights."""
    return BackendUse(
        capability=descriptor.capability,
        name=descriptor.name,
        licence=descriptor.licence,
        weights=(*(weights.use(name) for name in descriptor.weights), *descriptor.files),
    )


def choose(capability: Capability, wanted: str, environment: Environment) -> Choice:
    """Pick a backend: the named one, or with "auto" the best that can be used.

    Args:
        capability: what it must be able to do.
        wanted: "auto", a backend's name, or "backend/model" where model sets name its models.
        environment: where it is to run.

    Raises:
        BackendUnavailable: the named one is unknown or cannot be used, or none can; the detail
            says why for each candidate.
        WeightsMissing: the only thing that is missing is a weights file.
    """
    name, _, model_name = wanted.partition("/")
    reasons: list[str] = []
    only_weights = False
    for candidate in _candidates(capability, name, environment):
        model, problem = _judge(candidate.descriptor, model_name, environment)
        if problem is None:
            return Choice(candidate, model)
        reasons.append(f"{candidate.descriptor.name}: {problem.detail}")
        only_weights = only_weights or isinstance(problem, WeightsMissing)
    detail = f"no {capability} backend can be used: " + "; ".join(reasons or ["none is known"])
    raise (WeightsMissing if only_weights else BackendUnavailable)(detail)


def _candidates(
    capability: Capability, name: str, environment: Environment
) -> tuple[type[Backend], ...]:
    """Return what a name stands for; for "auto" what it may take here, the best first.

    Raises:
        BackendUnavailable: there is no such backend.
    """
    known = backend_classes(capability)
    if name == "auto":
        ranked = [(kind.descriptor.rank_here(environment), kind) for kind in known]
        return tuple(kind for rank, kind in sorted(ranked, key=lambda r: -r[0]) if rank > 0)
    named = tuple(kind for kind in known if kind.descriptor.name == name)
    if not named:
        names = ", ".join(kind.descriptor.name for kind in known) or "none"
        raise BackendUnavailable(f"there is no {capability} backend {name!r}; known: {names}")
    return named
