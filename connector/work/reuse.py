"""Answering from an earlier result: same source, steps, versions, parameters, output and weights.

What is installed takes part in the key, so that a new backend or other weights compute anew.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from pydantic import JsonValue
from sqlalchemy import Connection, insert, select, update

from connector.jobs.ids import new_id
from connector.jobs.model import MadePart, Rules, StepCall
from connector.jobs.tables import cached_parts, cached_results, files
from connector.version import VERSION
from connector.work.made import Result
from steps import models
from steps.backends import registry as backends
from steps.backends.contract import Capability, Descriptor
from steps.contract import AnyStep, Item, Output
from steps.environment import Environment
from steps.run import hashes_of
from steps.validation import parameters_of


def key_of(
    item: Item,
    steps: Sequence[tuple[AnyStep, StepCall]],
    output: Output,
    environment: Environment,
) -> str:
    """Return the SHA-256 of everything that decides an item's result.

    Raises:
        InvalidParameters: as the steps would.
    """
    decisive = {
        "service": VERSION,
        "sources": hashes_of(item),
        "names": [part.filename for part in item.parts],
        "steps": [_step(step, call, environment) for step, call in steps],
        "output": asdict(output),
        "device": environment.device,
    }
    return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()


def find(tx: Connection, key: str, own: tuple[str, ...], now: float, rules: Rules) -> Result | None:
    """Return an earlier result under a key as the result of another item; None if there is none.

    It is kept longer for it.

    Args:
        tx: transaction.
        key: of `key_of`.
        own: ids of the item's own parts, in order.
        now: seconds since 1970.
        rules: how long results are kept.
    """
    kept = tx.execute(
        update(cached_results)
        .where(cached_results.c.key == key, cached_results.c.expires_at > now)
        .values(expires_at=now + rules.retention_seconds)
        .returning(cached_results)
    ).first()
    if kept is None:
        return None
    rows = tx.execute(
        select(cached_parts).where(cached_parts.c.key == key).order_by(cached_parts.c.ordinal)
    ).all()
    made = [_made(row.sha256, row.data, own) for row in rows]
    parts = tuple(part for part, _ in made)
    # Referred to by what is kept, so nothing sweeps them; the touch guards the time until the finish.
    hashes = sorted({part.sha256 for part in parts})
    tx.execute(update(files).where(files.c.sha256.in_(hashes)).values(touched_at=now))
    return Result(
        parts=parts,
        replaced=frozenset(own[index] for _, gone in made for index in gone),
        reports=tuple(_marked(report, kept.created_at) for report in kept.report),
        touched_at=now,
        own=own,
    )


def keep(tx: Connection, result: Result, now: float, rules: Rules) -> None:
    """Keep a result under its key; an earlier one under the same key stands."""
    key = result.reuse_key
    if tx.execute(select(cached_results.c.key).where(cached_results.c.key == key)).first():
        return
    tx.execute(
        insert(cached_results).values(
            key=key,
            report=list(result.reports),
            created_at=now,
            expires_at=now + rules.retention_seconds,
        )
    )
    if result.parts:
        tx.execute(
            insert(cached_parts),
            [
                {"key": key, "ordinal": index, "sha256": part.sha256, "data": _data(part, result)}
                for index, part in enumerate(result.parts)
            ],
        )


def _step(step: AnyStep, call: StepCall, environment: Environment) -> dict[str, JsonValue]:
    parameters = parameters_of(step, call.parameters)
    return {
        "step": step.name,
        "version": step.version,
        "parameters": parameters.model_dump(mode="json"),
        "decisive": step.decisive(parameters),
        "onFailure": call.on_failure,
        "keep": call.keep,
        "installed": [_installed(name, environment) for name in step.capabilities],
    }


def _installed(capability: str, environment: Environment) -> JsonValue:
    """Return the backends that can be used here, with the hashes of their weights and models."""
    usable = [
        each.descriptor
        for each in backends.backend_classes(Capability(capability))
        if backends.availability(each.descriptor, environment).usable
    ]
    return [
        [
            each.name,
            *(weights.sha256 for weights in backends.use_of(each).weights),
            *(
                models.fingerprint(model)
                for model in _models_of(each, environment)
                if models.problem_with(model, environment) is None
            ),
        ]
        for each in usable
    ]


def _models_of(descriptor: Descriptor, environment: Environment) -> tuple[models.Model, ...]:
    """Return the models that a backend may run, and those that are a part of others (a LoRA, an adapter)."""
    if not descriptor.from_models:
        return ()
    known = {b.descriptor.name for c in Capability for b in backends.backend_classes(c)}
    return tuple(
        model
        for model in models.catalogue(environment)
        if model.backend == descriptor.name or model.backend not in known
    )


def _data(part: MadePart, result: Result) -> dict[str, JsonValue]:
    """Return a part without what belongs to its item; parts of the caller are named by their place."""
    source = part.source_part_id
    return {
        "step": part.step,
        "type": part.type,
        "role": part.role,
        "filename": part.filename,
        "mime_type": part.mime_type,
        "size_bytes": part.size_bytes,
        "width": part.width,
        "height": part.height,
        "source": result.own.index(source) if source in result.own else None,
        "replaced": [result.own.index(gone) for gone in sorted(result.replaced)],
    }


def _made(sha256: str, kept: dict[str, Any], own: tuple[str, ...]) -> tuple[MadePart, list[int]]:
    fields = {name: value for name, value in kept.items() if name not in ("source", "replaced")}
    source = None if kept["source"] is None else own[kept["source"]]
    return MadePart(id=new_id(), sha256=sha256, source_part_id=source, **fields), kept["replaced"]


def _marked(report: dict[str, Any], made_at: float) -> dict[str, Any]:
    when = datetime.fromtimestamp(made_at, UTC).isoformat(timespec="seconds")
    message = {
        "severity": "info",
        "code": "result-reused",
        "text": f"this result was made before, at {when}, from the same source and settings",
    }
    return {**report, "messages": [*report.get("messages", ()), message]}
