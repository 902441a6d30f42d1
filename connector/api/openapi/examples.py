"""Examples of the document. tests/connector/api/test_openapi_examples.py sends the requests and checks the answers."""

from typing import Any

Named = dict[str, dict[str, Any]]

_PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)
"""The smallest picture."""
_JOB = "01M81F7JG2SVQASSVCK2WFCWQ7"
_AT = "2026-11-22T11:11:01.122000Z"
_HERE = f"https://images.example/v1/jobs/{_JOB}"
_COUNTS = {"queued": 0, "running": 0, "finished": 1, "failed": 0, "cancelled": 0}

PARAMETERS: dict[str, dict[str, Any]] = {
    "generate": {
        "prompt": "a bright kitchen, morning light",
        "negativePrompt": "people",
        "count": 4,
    },
    "anonymize": {"classes": ["person", "face"], "method": "inpaint", "onResidual": "redact"},
    "inpaint": {"dilate": 6, "feather": 3},
    "outpaint": {"aspectRatio": "16:9", "anchor": "center"},
    "style-transfer": {"style": "ochre-oil", "strength": 0.8, "keepColors": True},
    "upscale": {"longestSide": "4k", "quality": "fast"},
}
"""Parameters by step; a step of a plug-in needs none."""

JOBS: Named = {
    "one": {
        "summary": "One picture, one step",
        "value": {
            "steps": [{"step": "anonymize"}],
            "items": [{"parts": [{"url": "https://store.example/kitchen.jpg"}]}],
        },
    },
    "chain": {
        "summary": "Two pictures through a chain, with a callback",
        "value": {
            "steps": [
                {"step": "anonymize", "parameters": {"classes": ["person"]}},
                {"step": "upscale", "parameters": {"factor": 2}, "onFailure": "skip"},
            ],
            "items": [
                {
                    "id": "kitchen",
                    "parts": [{"url": "https://store.example/kitchen.jpg"}],
                    "indexData": {"listing": "4711"},
                },
                {"id": "bath", "parts": [{"url": _PIXEL, "filename": "bath.png"}]},
            ],
            "output": {"mimeType": "image/jpeg", "quality": 92},
            "deadlineSeconds": 3600,
            "correlation": "listing 4711",
            "callback": {"url": "https://engine.example/hook", "events": ["job.finished"]},
        },
    },
    "styled": {
        "summary": "A picture painted like another one",
        "value": {
            "steps": [{"step": "style-transfer"}],
            "items": [
                {
                    "parts": [
                        {"url": "https://store.example/kitchen.jpg"},
                        {"url": _PIXEL, "role": "style"},
                    ]
                }
            ],
        },
    },
}
"""Requests of `POST /v1/jobs`."""

_ERROR = {
    "pointer": "/items/0/parts/0/url",
    "detail": "'ftp' is not taken here; accepted: https: URLs",
}

ANSWERS: dict[str, dict[str, Any]] = {
    "JobAnswer": {
        "id": _JOB,
        "status": "QUEUED",
        "progress": 0.0,
        "counts": _COUNTS | {"queued": 1, "finished": 0},
        "steps": ["anonymize"],
        "template": None,
        "priority": 0,
        "createdAt": _AT,
        "startedAt": None,
        "finishedAt": None,
        "expiresAt": None,
        "correlation": "listing 4711",
        "traceId": "4bf92f3577b34da6a3ce929d0e0e4736",
        "error": None,
        "links": {
            "self": _HERE,
            "items": f"{_HERE}/items",
            "events": f"{_HERE}/events",
            "results": f"{_HERE}/results.zip",
            "cancel": f"{_HERE}/cancel",
            "retry": f"{_HERE}/retry",
        },
        "queuePosition": 1,
        "items": [],
        "messages": [],
    },
    "FileAnswer": {
        "id": "01M81F7JG674KB86PDNPZ22AD7",
        "url": "https://images.example/v1/files/01M81F7JG674KB86PDNPZ22AD7",
        "filename": "kitchen.jpg",
        "mimeType": "image/jpeg",
        "sha256": "e5fa04588c4c9d8efcf9375f8fb4ad88d7ea7b02b286c13509e64828872dfb7c",
        "sizeBytes": 284_117,
        "expiresAt": "2026-11-23T11:11:01Z",
        "contentUrl": "https://images.example/v1/files/01M81F7JG674KB86PDNPZ22AD7/content?expires=1795518661&token=I1vY",
    },
    "Problem": {
        "type": "urn:retusche:problem:request-invalid",
        "title": "The request does not fit its schema",
        "status": 422,
        "detail": f"{_ERROR['pointer']}: {_ERROR['detail']}",
        "instance": "/v1/jobs",
        "code": "request-invalid",
        "retryable": False,
        "jobId": None,
        "traceId": "4bf92f3577b34da6a3ce929d0e0e4736",
        "errors": [_ERROR],
    },
    "JobEvent": {
        "type": "job.finished",
        "timestamp": _AT,
        "data": {
            "id": _JOB,
            "status": "FINISHED",
            "counts": _COUNTS,
            "correlation": "listing 4711",
            "traceId": "4bf92f3577b34da6a3ce929d0e0e4736",
            "error": None,
            "links": {
                "self": _HERE,
                "items": f"{_HERE}/items",
                "results": f"{_HERE}/results.zip",
            },
        },
    },
    "StreamedEvent": {
        "type": "item.finished",
        "jobId": _JOB,
        "itemId": "kitchen",
        "at": "2026-11-22T11:11:01.882+00:00",
        "name": "kitchen",
    },
}
"""Answers by the name of their schema."""

STREAM = f"""\
id: 1
event: job.queued
data: {{"type": "job.queued", "jobId": "{_JOB}", "itemId": null, "at": "{_AT}", "status": "QUEUED"}}

"""


def run(step: str) -> Named:
    """Return the requests of a run of this step."""
    if step == "generate":
        words = {"parameters": PARAMETERS[step], "parts": []}
        return {"words": {"summary": "Words alone", "value": words}}
    parts = [{"url": _PIXEL, "filename": "kitchen.png"}]
    if step == "inpaint":
        parts.append({"url": _PIXEL, "role": "mask"})
    value = {"parameters": PARAMETERS.get(step, {}), "parts": parts}
    return {"small": {"summary": "A small picture in the request itself", "value": value}}


def add_to_schemas(schemas: dict[str, Any]) -> None:
    """Give the schemas of answers their examples."""
    for name, value in ANSWERS.items():
        schemas[name]["examples"] = [value]
