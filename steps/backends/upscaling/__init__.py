"""Backends that make pictures larger."""
