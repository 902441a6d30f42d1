"""Inpainters: fill a masked region so that nobody sees it."""
