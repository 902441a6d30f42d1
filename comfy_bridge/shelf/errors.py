"""A workflow that cannot be used."""


class WorkflowInvalid(ValueError):
    """A workflow's file or declaration is at fault; the text names the file and the place."""
