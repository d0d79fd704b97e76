"""Text that has no place here: silenced checks, postponed work, addresses of one machine or one registry.

Each rule takes one text file and yields what is wrong in it.
"""

import io
import re
import tokenize
from collections.abc import Callable, Iterator

from tools.sources import Finding, Source

Rule = Callable[[Source], Iterator[Finding]]

#: Names that say nothing about what a folder or module holds.
EMPTY_NAMES = frozenset(
    {"base", "common", "core", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}
)

SILENCERS = re.compile(r"#\s*(type:\s*ignore|noqa|nosec|pragma:\s*no|pyright:|mypy:|pylint:)", re.IGNORECASE)
POSTPONED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")  # the words the rule looks for; no work is open here
SWITCHED_OFF = re.compile(r"^\s*(ignore_errors|ignore_missing_imports|follow_imports)\s*=", re.MULTILINE)
MACHINE_PATHS = re.compile(r"(?<![\w.:/$}>-])(/(?:home|root|work|Users|mnt|media)/[\w.-]+)")
REGISTRIES = re.compile(r"://|--(?:extra-)?index-url|--find-links|--trusted-host|^-i\s|^-f\s|@\s*git\+")


def comments(source: Source) -> Iterator[tuple[int, str]]:
    """The comments of a Python file with their lines; a string that looks like one is none."""
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def silences_nothing(source: Source) -> Iterator[Finding]:
    """A check that is wrong is changed for all in pyproject.toml; none is silenced on the spot."""
    if not source.path.endswith(".py"):
        return
    for line, comment in comments(source):
        if SILENCERS.match(comment):
            yield source.finding(line, f"{comment[:40]}: mend the code")


def postpones_nothing(source: Source) -> Iterator[Finding]:
    """Open work stands in the issue list."""
    if not source.path.endswith(".py"):
        return
    for line, comment in comments(source):
        if POSTPONED.search(comment):
            yield source.finding(line, f"{comment[:40]}: open work stands in the issue list")


def types_everywhere(source: Source) -> Iterator[Finding]:
    """No module opts out of the type checker."""
    if source.parts[-1] not in {"pyproject.toml", "mypy.ini", "setup.cfg"}:
        return
    for match in SWITCHED_OFF.finditer(source.text):
        yield source.finding(line_of(source.text, match.start(1)), f"{match[1]} opts out of mypy")


def named_by_content(source: Source) -> Iterator[Finding]:
    """A folder or module is named by what it holds."""
    for part in source.parts:
        if part.removesuffix(".py") in EMPTY_NAMES:
            yield source.finding(0, f"`{part}` says nothing about what it holds")


def free_of_machine_paths(source: Source) -> Iterator[Finding]:
    """Nothing depends on where one machine keeps its files; inside an image, the Dockerfile decides."""
    if source.parts[-1].startswith("Dockerfile"):
        return
    for number, line in enumerate(source.lines, 1):
        for match in MACHINE_PATHS.finditer(line):
            yield source.finding(number, f"{match[1]} is a path of one machine")


def free_of_registries(source: Source) -> Iterator[Finding]:
    """Which registry serves the locked packages is the business of the machine that installs them."""
    if source.parts[0] != "requirements":
        return
    for number, line in enumerate(source.lines, 1):
        if REGISTRIES.search(line) and not line.lstrip().startswith("#"):
            yield source.finding(number, "names a registry or an address")


def line_of(text: str, offset: int) -> int:
    """The line (1-based) of an offset."""
    return text.count("\n", 0, offset) + 1


RULES: tuple[Rule, ...] = (
    silences_nothing,
    postpones_nothing,
    types_everywhere,
    named_by_content,
    free_of_machine_paths,
    free_of_registries,
)
