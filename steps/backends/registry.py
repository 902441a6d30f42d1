"""The explicit list of backends, and the choice among them."""

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from steps import weights
from steps.backends.contract import Backend, Capability, Descriptor
from steps.contract import BackendUse
from steps.environment import Environment
from steps.errors import BackendUnavailable, WeightsMissing

BACKENDS: dict[Capability, tuple[str, ...]] = {
    Capability.DETECTION: (
        "steps.backends.detection.yolo_openvino:YoloV8OpenVino",
        "steps.backends.detection.yolo:YoloV8",
        "steps.backends.detection.centerface:CenterFace",
        "steps.backends.detection.ultralytics:Ultralytics",
        "steps.backends.detection.stub:StubDetector",
    ),
    Capability.SEGMENTATION: (
        "steps.backends.segmentation.selfie:SelfieSegmenter",
        "steps.backends.segmentation.stub:StubSegmenter",
    ),
    Capability.INPAINTING: (
        "steps.backends.inpainting.patchmatch:PatchMatch",
        "steps.backends.inpainting.telea:Telea",
        "steps.backends.inpainting.stub:StubInpainter",
    ),
    Capability.UPSCALING: (
        "steps.backends.upscaling.animevideov3_ncnn:AnimeVideoV3Ncnn",
        "steps.backends.upscaling.animevideov3:AnimeVideoV3",
        "steps.backends.upscaling.x4plus:X4Plus",
        "steps.backends.upscaling.lanczos:Lanczos",
        "steps.backends.upscaling.stub:StubUpscaler",
    ),
    Capability.STYLIZATION: (
        "steps.backends.stylization.multistyle26:MultiStyle26",
        "steps.backends.stylization.arbitrary:ArbitraryStyle",
        "steps.backends.stylization.stub:StubStylizer",
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


@cache
def backend_classes(capability: Capability) -> tuple[type[Backend], ...]:
    """Return the backends of a capability, highest rank first."""
    found: list[type[Backend]] = []
    for path in BACKENDS.get(capability, ()):
        module, _, name = path.partition(":")
        found.append(getattr(import_module(module), name))
    return tuple(sorted(found, key=lambda b: -b.descriptor.rank))


def availability(descriptor: Descriptor, environment: Environment) -> Availability:
    """Say whether a backend can be used in this environment; loads nothing."""
    return Availability(descriptor, _reason_against(descriptor, environment))


def _reason_against(descriptor: Descriptor, environment: Environment) -> str | None:
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
    for name in descriptor.weights:
        reason = weights.reason_against(name, environment)
        if reason is not None:
            return reason
    return None


def use_of(descriptor: Descriptor) -> BackendUse:
    """Return what a report says of a backend and its weights."""
    return BackendUse(
        capability=descriptor.capability,
        name=descriptor.name,
        licence=descriptor.licence,
        weights=tuple(weights.use(name) for name in descriptor.weights),
    )


def choose(capability: Capability, wanted: str, environment: Environment) -> type[Backend]:
    """Pick a backend: the named one, or with "auto" the best that can be used.

    Raises:
        BackendUnavailable: the named one is unknown or cannot be used, or none can; the detail
            says why for each candidate.
        WeightsMissing: the only thing that is missing is a weights file.
    """
    candidates = backend_classes(capability)
    if wanted != "auto":
        candidates = tuple(c for c in candidates if c.descriptor.name == wanted)
        if not candidates:
            known = ", ".join(c.descriptor.name for c in backend_classes(capability))
            raise BackendUnavailable(
                f"there is no {capability} backend {wanted!r}; known: {known or 'none'}"
            )
    else:
        candidates = tuple(c for c in candidates if c.descriptor.rank > 0)
    reasons: list[str] = []
    for candidate in candidates:
        state = availability(candidate.descriptor, environment)
        if state.usable:
            return candidate
        reasons.append(f"{candidate.descriptor.name}: {state.reason}")
    detail = f"no {capability} backend can be used: " + "; ".join(reasons or ["none is known"])
    only_weights = bool(candidates) and any(
        _lacks_only_weights(c.descriptor, environment) for c in candidates
    )
    raise (WeightsMissing if only_weights else BackendUnavailable)(detail)


def _lacks_only_weights(descriptor: Descriptor, environment: Environment) -> bool:
    return any(weights.is_missing(name, environment) for name in descriptor.weights) and all(
        find_spec(name) is not None for name in descriptor.requires
    )
