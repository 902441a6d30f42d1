"""Files and folders through one step, on this machine: what `retusche run` does."""
