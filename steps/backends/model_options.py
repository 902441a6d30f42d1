"""What a model set may decide about a model, checked: an unknown option or a wrong value is named."""

from typing import Self

from pydantic import ValidationError

from steps.contract import Wire
from steps.errors import BackendUnavailable
from steps.models import Model


class Options(Wire):
    """Base of each backend's options."""

    @classmethod
    def of(cls, model: Model) -> Self:
        """Read a model's options.

        Raises:
            BackendUnavailable: an option is unknown or its value wrong; names it.
        """
        try:
            return cls.model_validate(model.options)
        except ValidationError as error:
            told = "; ".join(
                f"{'.'.join(str(step) for step in fault['loc'])}: {fault['msg']}"
                for fault in error.errors()
            )
            raise BackendUnavailable(
                f"options of the model {model.name!r}: {told}", pointer=model.name
            ) from error
