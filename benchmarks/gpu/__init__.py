"""The GPU tier: speed and memory of its models, on random weights of full size."""
