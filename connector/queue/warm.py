"""Loading the default models before the first item comes."""

import logging

from steps.environment import Environment
from steps.errors import BackendUnavailable, StepError, WeightsMissing
from steps.registry import Registry

log = logging.getLogger(__name__)


def warm(registry: Registry, environment: Environment) -> tuple[str, ...]:
    """Load what each step uses by default.

    Returns:
        Why models that are there could not be loaded, one sentence each. What is only missing is left
        out: it may come later, and health asks for it each time.
    """
    faults = []
    for step in registry.all():
        try:
            step.load(step.usual_parameters(), environment)
        except StepError as error:
            # What is not installed or not configured is no fault: nobody may want it here.
            level = logging.INFO if isinstance(error, BackendUnavailable) else logging.WARNING
            log.log(level, "cannot warm up", extra={"step": step.name, "detail": error.detail})
            if not isinstance(error, WeightsMissing | BackendUnavailable):
                faults.append(f"{step.name}: {error.detail}")
    return tuple(faults)
