"""Schedulers by the names that a model set uses, and a fresh one for each call: they hold state.

Methods: LCM (Luo et al., 2023), SDXL-Lightning (Lin et al., 2024; Euler over trailing timesteps), Adversarial
Diffusion Distillation (Sauer et al., 2023; Euler ancestral, trailing), DPM-Solver++ (Lu et al., 2022).
"""

from typing import Any

from steps.backends.diffusion.options import Scheduler


def scheduler_for(name: Scheduler, own: Any) -> Any:
    """Return a new scheduler.

    Args:
        name: of the model set.
        own: the pipeline's own scheduler, whose configuration says how the model was trained.
    """
    import diffusers

    match name:
        case "own":
            return type(own).from_config(own.config)
        case "dpm++":
            return diffusers.DPMSolverMultistepScheduler.from_config(
                own.config, use_karras_sigmas=True, algorithm_type="dpmsolver++"
            )
        case "lcm":
            return diffusers.LCMScheduler.from_config(own.config)
        case "lightning":
            return diffusers.EulerDiscreteScheduler.from_config(
                own.config, timestep_spacing="trailing"
            )
        case "turbo":
            return diffusers.EulerAncestralDiscreteScheduler.from_config(
                own.config, timestep_spacing="trailing"
            )
