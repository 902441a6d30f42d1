"""A named workflow: its graph, its declaration, and its inputs' model."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import JsonValue, ValidationError

from comfy_bridge.client.graph import Graph
from comfy_bridge.shelf.api_format import filled, parse, value_at, with_prefix
from comfy_bridge.shelf.declaration import Declaration
from comfy_bridge.shelf.errors import WorkflowInvalid
from comfy_bridge.shelf.inputs import Inputs, inputs_model
from steps.contract import Role

API_SUFFIX = ".api.json"
DECLARATION_SUFFIX = ".yaml"


@dataclass(frozen=True, kw_only=True)
class Workflow:
    """One that can be used."""

    name: str
    declaration: Declaration
    graph: Graph
    inputs: type[Inputs]
    sha256: str
    """Of the API file."""
    declaration_sha256: str

    def prompt(self, inputs: Inputs, seed: int, pictures: Mapping[Role, str], prefix: str) -> Graph:
        """Return the graph for one prompt.

        Args:
            inputs: validated.
            seed: goes to the declared widgets.
            pictures: name of the uploaded picture of each declared role.
            prefix: of the files that the outputs save.
        """
        values = [*self._values(inputs), *((path, seed) for path in self.declaration.seed)]
        for role, paths in self.declaration.parts.items():
            values += [(path, pictures[role]) for path in paths]
        nodes = [output.node for output in self.declaration.outputs]
        return with_prefix(filled(self.graph, values), nodes, prefix)

    def _values(self, inputs: Inputs) -> Iterator[tuple[str, JsonValue]]:
        given = inputs.model_dump(by_alias=True)
        for name, declared in self.declaration.inputs.items():
            for path in declared.paths:
                yield path, given[name]

    def input_at(self, node: str, name: str) -> str | None:
        """Return the declared input that sets a widget, if one does."""
        path = f"{node}.{name}"
        found = (key for key, each in self.declaration.inputs.items() if path in each.paths)
        return next(found, None)


def load(declaration_file: Path) -> Workflow:
    """Return the workflow that NAME.yaml declares; NAME.api.json lies beside it.

    Raises:
        WorkflowInvalid: one of the files cannot be read, or they do not fit each other.
    """
    name = declaration_file.name.removesuffix(DECLARATION_SUFFIX)
    api_file = declaration_file.with_name(name + API_SUFFIX)
    content, declared = _content(api_file), _content(declaration_file)
    graph = parse(content, api_file.name)
    declaration = _declaration(declared, declaration_file.name)
    try:
        _check_paths(declaration, graph)
        model = inputs_model(name, declaration, graph)
    except WorkflowInvalid as error:
        raise WorkflowInvalid(f"{declaration_file.name}: {error}") from None
    return Workflow(
        name=name,
        declaration=declaration,
        graph=graph,
        inputs=model,
        sha256=hashlib.sha256(content).hexdigest(),
        declaration_sha256=hashlib.sha256(declared).hexdigest(),
    )


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise WorkflowInvalid(f"{file.name} cannot be read: {error.strerror}") from None


def _declaration(content: bytes, name: str) -> Declaration:
    try:
        given: Any = yaml.safe_load(content)
        return Declaration.model_validate(given)
    except yaml.YAMLError as error:
        raise WorkflowInvalid(f"{name} is not YAML: {error}") from None
    except ValidationError as error:
        faults = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise WorkflowInvalid(f"{name}: {'; '.join(faults)}") from None


def _check_paths(declaration: Declaration, graph: Graph) -> None:
    paths = [path for each in declaration.inputs.values() for path in each.paths]
    paths += [path for each in declaration.parts.values() for path in each]
    for path in (*paths, *declaration.seed):
        value_at(graph, path)
    for output in declaration.outputs:
        if output.node not in graph:
            raise WorkflowInvalid(
                f"outputs: there is no node {output.node!r}; known: {', '.join(graph)}"
            )
