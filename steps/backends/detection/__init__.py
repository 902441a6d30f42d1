"""Detectors: where things are in a picture."""
