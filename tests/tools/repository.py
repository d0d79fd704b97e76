"""A repository made of the few files that a test plants."""

import textwrap
from collections.abc import Iterable
from pathlib import Path

from tools.sources import Finding, Source


def plant(root: Path, path: str, text: str) -> Path:
    """Writes a file below ``root``; the text may be indented."""
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(textwrap.dedent(text), "utf-8")
    return target


def source(path: str, text: str) -> Source:
    """A source that stands in no folder."""
    return Source(path, textwrap.dedent(text).lstrip("\n"))


def lines(findings: Iterable[Finding]) -> list[int]:
    """The lines of the findings, sorted."""
    return sorted(finding.line for finding in findings)
