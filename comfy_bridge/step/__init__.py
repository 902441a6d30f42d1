"""The step "comfy-workflow"; joins the registry by the entry point group "retusche.steps"."""
