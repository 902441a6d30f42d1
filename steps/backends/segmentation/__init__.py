"""Segmenters: the exact mask of a thing inside its box."""
