"""The receivers' code in docs/webhooks.md tells genuine messages from others."""

import hashlib
import hmac
import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from connector.webhooks.schedule import DELAYS, JITTER
from connector.webhooks.signature import new_secret, signed_headers

PAGE = (Path(__file__).parents[3] / "docs" / "webhooks.md").read_text()
VERIFY, CAMUNDA = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
(NODE,) = re.findall(r"```javascript\n(.*?)```", PAGE, re.DOTALL)
SECRET = new_secret()
BODY = '{"type": "job.finished", "name": "Küche"}'.encode()


def by_python(headers: dict[str, str], body: bytes, secret: str) -> bool:
    """Ask the page's Python."""
    names: dict[str, Callable[..., bool]] = {}
    exec(compile(VERIFY, "docs/webhooks.md", "exec"), names)
    return names["is_genuine"](headers, body, secret)


def by_node(headers: dict[str, str], body: bytes, secret: str) -> bool:
    """Ask the page's JavaScript."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    call = f"isGenuine({json.dumps(headers)}, Buffer.from('{body.hex()}', 'hex'), '{secret}')"
    done = subprocess.run(
        [node, "-e", f"{NODE}\nconsole.log({call})"], capture_output=True, text=True, check=True
    )
    return {"true": True, "false": False}[done.stdout.strip()]


@pytest.mark.parametrize("genuine", [by_python, by_node])
def test_receivers(genuine: Callable[[dict[str, str], bytes, str], bool]) -> None:
    now = int(time.time())
    headers = signed_headers("msg_1", now, BODY, [SECRET])
    both = signed_headers("msg_1", now, BODY, [new_secret(), SECRET])
    old = signed_headers("msg_1", now - 400, BODY, [SECRET])
    assert genuine(headers, BODY, SECRET)
    assert genuine(both, BODY, SECRET)
    assert not genuine(headers, BODY + b" ", SECRET)
    assert not genuine(headers, BODY, new_secret())
    assert not genuine(old, BODY, SECRET)


def test_camunda_checks_the_body_by_the_text_that_is_entered() -> None:
    """As camunda/connectors does: the entered text in UTF-8 is the key, what follows "=" is hex."""
    names: dict[str, Callable[[str], str]] = {}
    exec(compile(CAMUNDA, "docs/webhooks.md", "exec"), names)
    entered = names["camunda_key"](SECRET)
    header = signed_headers("msg_1", 0, BODY, [SECRET])["X-Signature-256"]
    assert header.split("=")[1] == hmac.new(entered.encode(), BODY, hashlib.sha256).hexdigest()


def test_the_page_has_the_schedule_of_the_code() -> None:
    (row,) = re.findall(r"\| after the one before \|(.*)\|", PAGE)
    seconds = {"s": 1, "min": 60, "h": 3600}
    cells = [cell.split() for cell in row.split("|")]
    assert tuple(float(number) * seconds[unit] for number, unit in cells) == DELAYS
    assert JITTER == 0.2  # "up to a fifth"
