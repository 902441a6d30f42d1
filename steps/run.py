"""Running a step: the one way that the command line, the service and a chain share."""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import replace

from steps import registry, validation
from steps.contract import AnyStep, Context, Item, Parameters, Part, PartType, StepResult
from steps.errors import InvalidItem, OutOfMemory, StepError, StepFailed
from steps.tiling.memory import is_out_of_memory


def run_step(
    step_name: str, item: Item, parameters: Mapping[str, object], context: Context
) -> StepResult:
    """Run the registered step of that name, as `run` does.

    Raises:
        UnknownStep: no step of that name is registered.
        StepError: whatever `run` raises.
    """
    return run(registry.steps().get(step_name), item, parameters, context)


def run(
    step: AnyStep, item: Item, parameters: Mapping[str, object], context: Context
) -> StepResult:
    """Check the call, run the step, and complete its report.

    Args:
        step: whichever registry it comes from.
        item: holds the parts that the step's `inputs` ask for.
        parameters: by wire names or Python names, not yet validated.
        context: its seed is replaced by the parameter `seed`, its timings by empty ones.

    Returns:
        The step's result; its report has the phases' timings, "total", the parameters with their
        defaults, and the hash of the first source part.

    Raises:
        InvalidParameters: with one (JSON pointer, detail) for every fault.
        InvalidItem: a part is missing, or of a role that the step does not take.
        OutOfMemory: memory ran out, in Python or in a model runtime.
        StepFailed: the step met an error that it does not know; the cause is chained.
        StepError: whatever else the step raises.
    """
    validated = validation.parameters_of(step, parameters)
    check_item(step, item)
    context = replace(context, seed=validated.seed, timings={})
    context.check_cancelled()
    began = time.perf_counter()
    result = _run(step, item, validated, context)
    total = time.perf_counter() - began
    return _complete(item, result, validated, {**context.timings, "total": total})


def check_item(step: AnyStep, item: Item) -> None:
    """Check that the item has what the step needs, and nothing to work on that it does not take.

    Raises:
        InvalidItem: names the role or the part that is at fault.
    """
    accepted = {wanted.role for wanted in step.inputs}
    for part in item.parts:
        if part.type is PartType.BASE_PART and part.role not in accepted:
            raise InvalidItem(
                f"step {step.name!r} takes no part of role {part.role.value!r}; "
                f"it takes: {', '.join(sorted(accepted))}",
                pointer=_name(part),
            )
    for wanted in step.inputs:
        if wanted.required and not item.base_parts(wanted.role):
            raise InvalidItem(
                f"step {step.name!r} needs a part of role {wanted.role.value!r}: "
                f"{wanted.description}"
            )


def _run(step: AnyStep, item: Item, parameters: Parameters, context: Context) -> StepResult:
    try:
        return step.run(item, parameters, context)
    except StepError:
        raise
    except Exception as error:
        if is_out_of_memory(error):
            raise OutOfMemory(f"memory ran out in step {step.name!r}: {error}") from error
        raise StepFailed(
            f"step {step.name!r} failed unexpectedly: {type(error).__name__}: {error}"
        ) from error


def _complete(
    item: Item, result: StepResult, parameters: Parameters, timings: dict[str, float]
) -> StepResult:
    report = result.report.model_copy(
        update={
            "timings": {**result.report.timings, **timings},
            "parameters": parameters.model_dump(mode="json", by_alias=True),
            "inputs": hashes_of(item),
        }
    )
    return replace(result, report=report)


def hashes_of(item: Item) -> dict[str, str]:
    """Return the SHA-256 of each part to work on, by role; several of a role are hashed together.

    Parts that come decoded from the step before have none.
    """
    digests: dict[str, list[str]] = {}
    for part in item.parts:
        if part.type is PartType.BASE_PART and isinstance(part.content, bytes):
            digests.setdefault(part.role.value, []).append(hashlib.sha256(part.content).hexdigest())
    return {
        role: found[0] if len(found) == 1 else hashlib.sha256("".join(found).encode()).hexdigest()
        for role, found in digests.items()
    }


def _name(part: Part) -> str | None:
    return part.filename or part.id or None
