"""The image work of Retusche: steps, their backends and weights.

Importable as a library. Knows no HTTP, no queue and no database.
"""
