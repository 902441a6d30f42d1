"""The node pack's catalogue, made from the steps' own declarations: `python -m comfy_bridge.catalogue`.

The pack is installed without the rest of Retusche, so what it needs to know of the steps travels in it
as a file. `--check` says whether that file is still what the steps declare.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from steps.contract import AnyStep
from steps.registry import build

FILE = Path(__file__).parent / "nodes" / "catalogue.json"


def written() -> str:
    """Return the file's content: this distribution's own steps, without those of plug-ins."""
    steps = [_described(step) for step in build().all()]
    return json.dumps({"steps": steps}, indent=1, ensure_ascii=False) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the file, or with `--check` compare it; 1 if it is stale."""
    parser = argparse.ArgumentParser(description="Write the ComfyUI node pack's catalogue.")
    parser.add_argument("--check", action="store_true", help="only say whether it is stale")
    options = parser.parse_args(arguments)
    content = written()
    if not options.check:
        FILE.write_text(content, "utf-8")
        return 0
    if FILE.read_text("utf-8") == content:
        return 0
    print(f"{FILE} is stale; python -m comfy_bridge.catalogue writes it", file=sys.stderr)
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
