"""`python -m tools.house`: every rule of the house over the whole repository, layers included."""

import sys
from collections.abc import Iterator
from pathlib import Path

from tools import layers
from tools.house import calls, text
from tools.sources import ROOT, Finding, python_sources, report, text_sources


def check(root: Path) -> Iterator[Finding]:
    """Everything below ``root`` that breaks a rule of the house."""
    for source in python_sources(root):
        for call_rule in calls.RULES:
            yield from call_rule(source)
    for source in text_sources(root):
        for text_rule in text.RULES:
            yield from text_rule(source)
    yield from layers.check(root)


if __name__ == "__main__":
    sys.exit(report("house", check(ROOT)))
