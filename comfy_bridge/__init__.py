"""Both directions between Retusche and ComfyUI."""
