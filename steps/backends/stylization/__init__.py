"""Backends that paint a picture in a style."""
