"""Backends on diffusers: pictures from words, holes filled and pictures painted by them.

`options` is what a model set may decide, `opening` loads a pipeline from a folder and shares its components,
`schedulers` names the few-step ones, `pipeline` is what every backend here does alike.
"""
