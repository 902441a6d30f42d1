"""Which models the large backends run: named in YAML, pinned, with licence and place. Loads no model runtime.

A **model** is a named entry: the backend that runs it, where its files come from, under which licence. The
packaged `default.yaml` names what is known to work; a user's own file (RETUSCHE_MODELS_FILE) adds, replaces and
orders. Nothing is downloaded unless `pull` is called; what lies here is found without a network.
"""

from steps.models.contract import (
    CatalogueSource,
    HubSource,
    Model,
    PathSource,
    UrlSource,
)
from steps.models.files import Located, fingerprint, locate, problem_with, use
from steps.models.pulling import pull
from steps.models.sets import ModelsInvalid, catalogue, get, of_backend

__all__ = [
    "CatalogueSource",
    "HubSource",
    "Located",
    "Model",
    "ModelsInvalid",
    "PathSource",
    "UrlSource",
    "catalogue",
    "fingerprint",
    "get",
    "locate",
    "of_backend",
    "problem_with",
    "pull",
    "use",
]
