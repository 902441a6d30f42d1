"""Model implementations, one module each, grouped by capability.

`contract` says what a backend is, `registry` lists them and picks one.
Importing this package loads no model runtime: a backend imports its own in `load`.
"""
