"""The three forms of a run's request: multipart, a raw picture, JSON. All become a `Call`."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Request
from pydantic import BaseModel, Field, JsonValue
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from connector import coercion, data_urls
from connector.api import json_bodies
from connector.api.problems import ApiError
from connector.output import OutputOptions
from connector.settings import MIB
from connector.submit.items import plain_filename
from steps import validation
from steps.contract import AnyStep, Output, Part, PartType, Role, Wire
from steps.errors import InvalidParameters

M = TypeVar("M", bound=BaseModel)

ACCEPTED = "multipart/form-data, application/json, image/*, application/octet-stream"
MAX_FILES = 16
"""File parts of one multipart request: a source, a style and masks with room to spare."""
MAX_FIELD_BYTES = MIB
"""Bytes of the `parameters` field: 100 zones of 1000 corners as JSON take about 4 MB, usual ones 1 kB."""


class PartRequest(Wire):
    """One part of the item, in JSON."""

    url: str
    """`data:` URL with the part's bytes."""
    filename: Annotated[str, Field(max_length=255)] = ""
    """Name of the file; the result's name derives from it."""
    mime_type: str | None = None
    """Media type; left out: that of the URL. The content decides what is really decoded."""
    type: PartType = PartType.BASE_PART
    """BASE_PART is worked on, META is carried through."""
    role: Role = Role.SOURCE
    """What the part is to the step."""


class RunRequest(Wire):
    """A run in JSON."""

    parameters: dict[str, JsonValue] = Field(default_factory=dict)
    """The step's parameters; their schema is in the step's description."""
    parts: Annotated[tuple[PartRequest, ...], Field(max_length=MAX_FILES)]
    """The picture and what belongs to it; empty only where the step needs none."""
    output: OutputOptions = OutputOptions()
    """How to encode the result."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """What a caller wants, whichever form it came in. The parameters are not validated yet."""

    parameters: Mapping[str, object]
    parts: tuple[Part, ...]
    output: Output


async def read(request: Request, step: AnyStep, spool_bytes: int) -> Call:
    """Read the request's body.

    Args:
        request: its body is not read yet.
        step: knows the schema by which texts in the query are understood.
        spool_bytes: files up to this size stay in memory; the limit on the body, since every
            worker needs them there anyway.

    Raises:
        ApiError: 400, 415 or 422, with the field at fault.
        InvalidParameters: a name in the query that the step does not know.
    """
    media_type = _media_type(request.headers.get("content-type", ""))
    if media_type.startswith("image/") or media_type == "application/octet-stream":
        return await _raw(request, step, media_type)
    if media_type not in ("multipart/form-data", "application/json"):
        raise ApiError(
            "media-type-unsupported",
            f"a body of type {media_type or '(none)'} is not taken here; accepted: {ACCEPTED}",
            headers={"Accept-Post": ACCEPTED},
        )
    if request.query_params:
        name = next(iter(request.query_params))
        detail = f"{media_type} carries its parameters in the body; the query has {name!r}"
        raise ApiError("request-invalid", detail, errors=((name, detail),))
    if media_type == "application/json":
        return await asyncio.to_thread(_from_json, await request.body())
    return await _multipart(request, spool_bytes)


async def _raw(request: Request, step: AnyStep, media_type: str) -> Call:
    pairs = request.query_params.multi_items()
    prefix = "output."
    rest = [(name, text) for name, text in pairs if not name.startswith(prefix)]
    output = [(name.removeprefix(prefix), text) for name, text in pairs if name.startswith(prefix)]
    return Call(
        parameters=coercion.from_pairs(step.parameters, rest),
        parts=(Part(content=await request.body(), mime_type=media_type),),
        output=_output_from_query(output),
    )


def _output_from_query(pairs: list[tuple[str, str]]) -> Output:
    try:
        given = coercion.from_pairs(OutputOptions, pairs)
    except InvalidParameters as error:
        raise _not_of_schema(error, "/output") from None
    return _model(OutputOptions, given, "/output").output()


def _from_json(body: bytes) -> Call:
    run = _model(RunRequest, _json(body, "the body"), "")
    parts = tuple(_data_part(part, f"/parts/{index}/url") for index, part in enumerate(run.parts))
    return Call(parameters=run.parameters, parts=parts, output=run.output.output())


def _data_part(part: PartRequest, pointer: str) -> Part:
    try:
        media_type, content = data_urls.decode(part.url)
    except ValueError as error:
        detail = f"{pointer}: {error}"
        raise ApiError("request-invalid", detail, errors=((pointer, str(error)),)) from None
    return Part(
        content=content,
        filename=plain_filename(part.filename),
        mime_type=part.mime_type or media_type or "application/octet-stream",
        type=part.type,
        role=part.role,
    )


async def _multipart(request: Request, spool_bytes: int) -> Call:
    parser = MultiPartParser(
        request.headers,
        request.stream(),
        max_files=MAX_FILES,
        max_fields=MAX_FILES,
        max_part_size=MAX_FIELD_BYTES,
    )
    parser.spool_max_size = spool_bytes
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError) as error:  # KeyError: the boundary is missing
        raise ApiError("body-malformed", f"the multipart body cannot be read: {error}") from None
    try:
        return await _from_form(form)
    finally:
        await form.close()


async def _from_form(form: FormData) -> Call:
    parts: list[Part] = []
    fields: dict[str, object] = {}
    for name, value in form.multi_items():
        if name in ("parameters", "output"):
            if name in fields:
                raise _wrong_field(name, "is given twice")
            text = await value.read() if isinstance(value, UploadFile) else value
            fields[name] = _json(text, f"the field {name!r}")
        elif name == "file" or name in list(Role):
            if not isinstance(value, UploadFile):
                raise _wrong_field(name, "must be a file part (with a filename)")
            parts.append(await _file_part(name, value))
        else:
            known = ", ".join(("file", *Role, "parameters", "output"))
            raise _wrong_field(name, f"is not known; known: {known}")
    parameters = fields.get("parameters", {})
    if not isinstance(parameters, dict):
        raise _wrong_field("parameters", "must be a JSON object")
    output = _model(OutputOptions, fields.get("output", {}), "/output").output()
    return Call(parameters=parameters, parts=tuple(parts), output=output)


async def _file_part(name: str, file: UploadFile) -> Part:
    return Part(
        content=await file.read(),
        filename=plain_filename(file.filename or ""),
        mime_type=_media_type(file.content_type or "") or "application/octet-stream",
        role=Role.SOURCE if name == "file" else Role(name),
    )


def _wrong_field(name: str, what: str) -> ApiError:
    return ApiError("request-invalid", f"field {name!r} {what}", errors=((f"/{name}", what),))


def _json(text: str | bytes, where: str) -> object:
    return json_bodies.parse(text.encode() if isinstance(text, str) else text, where)


def _model(model: type[M], given: object, prefix: str) -> M:
    if not isinstance(given, dict):
        raise ApiError("request-invalid", f"{prefix or 'the body'} must be a JSON object")
    try:
        return validation.validate(model, given)
    except InvalidParameters as error:
        raise _not_of_schema(error, prefix) from None


def _not_of_schema(error: InvalidParameters, prefix: str) -> ApiError:
    errors = tuple((prefix + pointer, detail) for pointer, detail in error.errors)
    return ApiError("request-invalid", error.detail, errors=errors)


def _media_type(header: str) -> str:
    return header.partition(";")[0].strip().lower()
