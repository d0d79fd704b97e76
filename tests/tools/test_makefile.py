"""Every recipe of the Makefile parses in a shell, also where a variable that it may use is not set."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TARGETS = re.findall(r"^([a-z-]+):.*?## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("target", TARGETS)
def test_recipe_parses(target: str) -> None:
    bare = {"PATH": os.environ["PATH"]}
    said = subprocess.run(
        ["make", "--dry-run", target],
        cwd=ROOT,
        env=bare,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    parsed = subprocess.run(
        ["sh", "-n"], input=said.stdout, capture_output=True, text=True, timeout=60, check=False
    )
    assert (parsed.returncode, parsed.stderr) == (0, "")


def test_targets_are_found() -> None:
    assert {"run", "demo", "check", "compose-test", "cluster-test"} <= set(TARGETS)
