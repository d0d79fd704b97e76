"""What the tools look at: the source files of the repository, and how a finding is written."""

import ast
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

SERVICES = ("ticketing", "feedback", "staffing", "compliance")

PYTHON_FOLDERS = ("libs", "services", "deploy", "tools", "tests", "benchmarks")

#: Folders that a tool or a package manager makes; nothing in them was written here.
MADE = frozenset({"__pycache__", "build", "dist", "node_modules"})

#: Dot folders that belong to the repository; all others are caches and environments.
KEPT = frozenset({".ci", ".github"})

TEXT_SUFFIXES = frozenset(
    """
    .cfg .conf .css .html .in .ini .js .json .lua .mako .md .py .sh .sql .svg .toml .ts .tsx .txt .yaml .yml
    """.split()
) | {""}


@dataclass(frozen=True, order=True)
class Finding:
    """One violation: path relative to the repository, line (1-based, 0 = the whole file), what is wrong."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}" if self.line else f"{self.path}: {self.message}"


@dataclass(frozen=True)
class Source:
    """One text file: its path relative to the repository (with ``/``) and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree; raises ``SyntaxError``."""
        return ast.parse(self.text, self.path)

    @cached_property
    def lines(self) -> list[str]:
        """The lines without their ends."""
        return self.text.splitlines()

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The path's folders and its file name."""
        return tuple(self.path.split("/"))

    @property
    def is_test(self) -> bool:
        """Whether the file belongs to a suite."""
        return "tests" in self.parts or self.parts[-1] == "conftest.py"

    @property
    def package(self) -> str | None:
        """The package whose source this is (``chassis``, ``ticketing``, …); None outside ``src`` folders."""
        return self.parts[3] if len(self.parts) > 4 and self.parts[2] == "src" else None

    @property
    def module(self) -> str:
        """The module's name inside ``src`` folders, otherwise the dotted path."""
        parts = self.parts[3:] if self.package else self.parts
        name = ".".join(parts).removesuffix(".py")
        return name.removesuffix(".__init__")

    def finding(self, line: int, message: str) -> Finding:
        """A finding in this file."""
        return Finding(self.path, line, message)


def files(root: Path, folders: Iterable[str] = (".",)) -> Iterator[Path]:
    """Every file that was written here, below the folders named, sorted."""
    for folder in folders:
        for place, names, found in os.walk(root / folder):
            names[:] = sorted(
                name for name in names if name not in MADE and (not name.startswith(".") or name in KEPT)
            )
            for name in sorted(found):
                if not name.endswith((".pyc", ".egg-info")):
                    yield Path(place) / name


def read(root: Path, path: Path) -> Source:
    """The file as a source of ``root``."""
    return Source(path.relative_to(root).as_posix(), path.read_text("utf-8"))


def python_sources(root: Path) -> list[Source]:
    """Every Python file, tests included, and a ``conftest.py`` of the root."""
    found = [read(root, path) for path in files(root, PYTHON_FOLDERS) if path.suffix == ".py"]
    if (root / "conftest.py").exists():
        found.append(read(root, root / "conftest.py"))
    return found


def text_sources(root: Path) -> list[Source]:
    """Every text file of the repository."""
    return [
        read(root, path) for path in files(root) if path.suffix in TEXT_SUFFIXES and not path.is_symlink()
    ]


def report(name: str, findings: Iterable[Finding]) -> int:
    """Prints the findings to the error stream and answers the exit code: 1 when there are any."""
    found = sorted(set(findings))
    for finding in found:
        print(finding, file=sys.stderr)
    if found:
        print(f"{name}: {len(found)} to mend", file=sys.stderr)
    return 1 if found else 0
