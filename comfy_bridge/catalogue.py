"""The node pack's files that follow from the steps' own declarations: `python -m comfy_bridge.catalogue`.

The pack is installed without the rest of Retusche, so what it needs to know of the steps travels in it
as a file, and so do its example workflows. `--check` says whether they are still what the steps declare.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from comfy_bridge.examples import examples
from comfy_bridge.nodes.catalogue import described
from steps.contract import AnyStep
from steps.registry import build

PACK = Path(__file__).parent / "nodes"


def written() -> dict[str, str]:
    """Return each file's content by its path in the pack: the steps of this distribution, not those of plug-ins."""
    entries = [_described(step) for step in build().all()]
    catalogue = json.dumps({"steps": entries}, indent=1, ensure_ascii=False) + "\n"
    made = examples([described(entry) for entry in entries])
    return {"catalogue.json": catalogue} | {f"example_workflows/{n}": t for n, t in made.items()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the files, or with `--check` compare them; 1 if one is stale."""
    parser = argparse.ArgumentParser(description="Write the ComfyUI node pack's catalogue.")
    parser.add_argument("--check", action="store_true", help="only say what is stale")
    options = parser.parse_args(arguments)
    stale = []
    for name, content in written().items():
        file = PACK / name
        if file.is_file() and file.read_text("utf-8") == content:
            continue
        stale.append(name)
        if not options.check:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, "utf-8")
    if not (stale and options.check):
        return 0
    print(f"stale: {', '.join(stale)}; python -m comfy_bridge.catalogue writes", file=sys.stderr)
    return 1


def _described(step: AnyStep) -> dict[str, Any]:
    """Return a step as `GET /v1/steps/{step}` does, as far as a node needs it, and whether it gives a mask."""
    return {
        "name": step.name,
        "version": step.version,
        "title": step.title,
        "summary": step.summary,
        "givesMask": step.gives_mask,
        "inputs": [
            {"role": each.role, "required": each.required, "description": each.description}
            for each in step.inputs
        ],
        "parameters": step.parameters.model_json_schema(by_alias=True),
    }


if __name__ == "__main__":
    sys.exit(main())
