"""The page's modules that need no document, under Node."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

TESTS = Path(__file__).with_name("logic.test.mjs")


def test_fields_words_names_and_events() -> None:
    node = shutil.which("node")
    if node is None:
        if os.environ.get("CI"):
            pytest.fail("CI promises Node, and there is none")
        pytest.skip("no Node: apt-get install nodejs")
    done = subprocess.run([node, "--test", TESTS], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
