"""Backends whose weights a model set names: any model that fits, not one fixed file."""

from abc import abstractmethod
from typing import TypeVar

from steps import models
from steps.backends import registry
from steps.backends.contract import Backend
from steps.environment import Environment
from steps.errors import BackendUnavailable
from steps.models import Located

M = TypeVar("M", bound="ModelBackend")


class ModelBackend(Backend):
    """A backend that runs one of several models. Its descriptor says `from_models`."""

    @classmethod
    @abstractmethod
    def load_model(cls: type[M], located: Located, environment: Environment) -> M:
        """Load a model whose files are here.

        Raises:
            WeightsInvalid: the files hold no model that this backend can run; says what they hold.
            BackendUnavailable: the device that is asked for is not there.
        """

    @classmethod
    def load(cls: type[M], environment: Environment) -> M:
        """Load the most preferred model that can be used here; see `Backend.load`."""
        model = registry.choose(cls.capability, cls.descriptor.name, environment).model
        if model is None:
            raise BackendUnavailable(f"no model set names a model for {cls.descriptor.name!r}")
        return cls.load_model(models.locate(model, environment), environment)
