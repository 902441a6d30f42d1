"""The step "style-transfer": paint a picture in a named style, in the manner of another picture, or by words.

In: one picture of any type that `steps.imaging` decodes, also multi-page; the name of a style, a
part of role "style", or a prompt; optionally a part of role "mask" (white = paint). Out: the picture at its own
size, and a `StyleTransferReport`. Transparency, profile and resolution are kept; a grey picture
becomes coloured, unless its colours are kept. Default weights: Apache-2.0 by the account of the
package that carries them, "as far as I can tell".
"""

import hashlib

from steps import parts, residency
from steps.backends import registry
from steps.backends.contract import Capability, Stylizer
from steps.backends.stylization import styles
from steps.contract import Context, InputRole, Item, Message, Part, Role, Step, StepResult
from steps.environment import Environment
from steps.errors import InvalidItem, InvalidParameters
from steps.imaging.document import Document, Mask, Pixels
from steps.imaging.encode import output_type
from steps.imaging.mask import masks_of
from steps.style_transfer.page import PageStylizer
from steps.style_transfer.parameters import StyleTransferParameters
from steps.style_transfer.region import masks_for
from steps.style_transfer.report import StyleTransferReport
from steps.upscale.alpha import without_hidden_colours
from steps.words import words_for

FOR_NAMES = "multistyle26"
"""What "auto" means for a named style."""
FOR_PICTURES = "arbitrary-style"
"""What "auto" means for a style picture alone."""
FOR_WORDS = "diffusers-style"
"""What "auto" means where words are given."""


class StyleTransfer(Step[StyleTransferParameters]):
    """Paint a picture in a style."""

    name = "style-transfer"
    version = "1.1.0"
    title = "Style transfer"
    summary = "Paints a picture in one of 26 named styles, in the manner of any other picture, or by words."
    inputs = (
        InputRole(role=Role.SOURCE, required=True, description="the picture to paint"),
        InputRole(
            role=Role.STYLE,
            required=False,
            description="a picture whose manner is taken, instead of a named style",
        ),
        InputRole(
            role=Role.MASK,
            required=False,
            description="what to paint: white = paint, black = keep; of the picture's size",
        ),
    )
    parameters = StyleTransferParameters
    report = StyleTransferReport
    capabilities = (Capability.STYLIZATION.value,)

    def load(self, parameters: StyleTransferParameters, environment: Environment) -> None:
        """Load the backend; see `Step.load`. A style that is neither named nor said is expected as a picture."""
        _backend(parameters, environment)

    def run(self, item: Item, parameters: StyleTransferParameters, context: Context) -> StepResult:
        """Paint the item's picture; see `Step.run`.

        Raises:
            InvalidParameters: a named style and a style part are given, or no style at all; or the backend
                does not take what is given.
            InvalidItem: the mask does not fit the picture, or there are several styles or masks.
        """
        source, style_part = parts.source_of(item), _at_most_one(item, Role.STYLE)
        _check_one_style(parameters, style_part)
        with context.phase("decode"):
            document = parts.document_of(source, context.environment.limits)
            masks = _masks(item, document, context)
            style = _style(parameters, style_part, context)
        if context.output is not None:
            output_type(document, context.output)  # refuses before the work
        with context.phase("load"):
            backend = _backend(parameters, context.environment)
        painter = PageStylizer(backend, style, parameters)
        pages, reports, painted = [], [], False
        for index, (page, mask) in enumerate(zip(document.pages, masks, strict=True)):
            inner = context.span(*(0.95 * at / len(masks) for at in (index, index + 1)))
            made, report, any_painted = painter.paint(page, mask, inner)
            pages.append(made)
            reports.append(report)
            painted = painted or any_painted
        delivered = parts.deliver(document.with_pages(tuple(pages)), context, source=source)
        context.progress(1.0, "done")
        return StepResult(
            parts=(delivered,),
            report=StyleTransferReport(
                step=self.name,
                version=self.version,
                seed=context.seed,
                backends=(registry.use_of(backend.descriptor),),
                style=parameters.style or ("words" if style_part is None else "picture"),
                style_sha256=_sha256(style_part),
                pages=tuple(reports),
                messages=() if painted else (_NOTHING,),
            ),
        )


_NOTHING = Message(
    severity="info",
    code="nothing-painted",
    text="The strength is 0 or the mask is empty: the result has the source's pixels.",
)


def _at_most_one(item: Item, role: Role) -> Part | None:
    given = item.base_parts(role)
    if len(given) > 1:
        raise InvalidItem(f"the item has {len(given)} parts of role '{role}'; one is accepted")
    return given[0] if given else None


def _check_one_style(parameters: StyleTransferParameters, part: Part | None) -> None:
    if parameters.style is not None and part is not None:
        raise InvalidParameters(
            f"the style {parameters.style!r} is named and a part of role 'style' is given; "
            "leave out one of them",
            pointer="/style",
        )
    if parameters.style is None and part is None and not parameters.prompt:
        raise InvalidParameters(
            "no style is given: add a part of role 'style', or name one of "
            f"{', '.join(styles.NAMES)}; or say it in prompt, for a backend that takes words",
            pointer="/style",
        )


def _style(
    parameters: StyleTransferParameters, part: Part | None, context: Context
) -> str | Pixels | None:
    if part is None:
        return parameters.style
    document = parts.document_of(part, context.environment.limits)
    if len(document.pages) != 1:
        raise InvalidItem(
            f"the style picture has {len(document.pages)} pages; one is accepted",
            pointer=part.filename or None,
        )
    page = document.pages[0]
    return page.pixels if page.alpha is None else without_hidden_colours(page.pixels, page.alpha)


def _masks(item: Item, document: Document, context: Context) -> tuple[Mask | None, ...]:
    part = _at_most_one(item, Role.MASK)
    if part is None:
        return (None,) * len(document.pages)
    masks = masks_of(parts.document_of(part, context.environment.limits))
    return masks_for(document, masks, part.filename)


def _backend(parameters: StyleTransferParameters, environment: Environment) -> Stylizer:
    wanted = parameters.backend
    if wanted == "auto":
        wanted = _best_for(parameters)
    _check_taken(wanted, parameters)
    return residency.choose(Stylizer, wanted, environment)


def _best_for(parameters: StyleTransferParameters) -> str:
    if parameters.prompt:
        return FOR_WORDS
    return FOR_PICTURES if parameters.style is None else FOR_NAMES


def _check_taken(wanted: str, parameters: StyleTransferParameters) -> None:
    """Refuse a backend that does not take what is given; an unknown one is refused when it is chosen."""
    name, _, _ = wanted.partition("/")
    for backend in registry.backend_classes(Capability.STYLIZATION):
        if issubclass(backend, Stylizer) and backend.descriptor.name == name:
            words_for(backend, parameters.prompt, parameters.negative_prompt)
            _check_denoise(backend, parameters.denoise)
            _check_style(backend, parameters.style)


def _check_denoise(backend: type[Stylizer], denoise: float | None) -> None:
    if denoise is not None and not backend.takes_words:
        raise InvalidParameters(
            f"the backend {backend.descriptor.name!r} makes nothing anew; "
            f"one that does is {FOR_WORDS!r}; leave denoise out",
            pointer="/denoise",
        )


def _check_style(backend: type[Stylizer], style: str | None) -> None:
    name = backend.descriptor.name
    if style is None and not backend.takes_pictures:
        raise InvalidParameters(
            f"the backend {name!r} takes no style picture, only a named style", pointer="/backend"
        )
    if style is not None and style not in backend.styles:
        others = (
            ("a part of role 'style'", backend.takes_pictures),
            ("a prompt", backend.takes_words),
        )
        takes = ", ".join((*backend.styles, *(what for what, so in others if so)))
        raise InvalidParameters(
            f"the backend {name!r} has no style {style!r}; it takes {takes}", pointer="/backend"
        )


def _sha256(part: Part | None) -> str | None:
    if part is None or not isinstance(part.content, bytes):
        return None
    return hashlib.sha256(part.content).hexdigest()
