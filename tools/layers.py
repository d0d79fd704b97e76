"""The layers inside each service (`python -m tools.layers`): what import-linter has no contract for.

``service.py`` lists the capabilities from the lowest layer up. A capability uses only lower ones, never their
tables, routes, reactions or facts; inside a capability each file imports only what stands below it;
``domain.py`` and ``events.py`` are pure, with everything that they import.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tools.sources import ROOT, SERVICES, Finding, Source, files, read, report

#: Files of a capability that are nobody else's business.
PRIVATE = frozenset({"tables", "api", "reactions", "events"})

#: What a file must not import from its own capability.
ABOVE = {
    "events": frozenset({"domain", "tables", "commands", "queries", "api", "reactions"}),
    "domain": frozenset({"tables", "commands", "queries", "api", "reactions"}),
    "tables": frozenset({"events", "commands", "queries", "api", "reactions"}),
    "queries": frozenset({"commands", "api", "reactions"}),
    "commands": frozenset({"api", "reactions"}),
    "api": frozenset({"tables", "reactions"}),
    "reactions": frozenset({"tables", "api"}),
}

#: The same for files with other names.
OTHERS = frozenset({"api", "reactions"})

#: What a pure module may import from outside its service.
PURE_CHASSIS = frozenset({"chassis.clock", "chassis.errors", "chassis.events"})

#: Parts of the standard library that reach outside the process, read a clock or roll dice.
IMPURE = frozenset(
    """
    asyncio ftplib http logging multiprocessing os random secrets shutil signal smtplib socket sqlite3 ssl
    subprocess tempfile threading time
    """.split()
)


@dataclass(frozen=True)
class Service:
    """The sources of one service, by module name, and the order of its capabilities."""

    name: str
    sources: dict[str, Source]

    @cached_property
    def capabilities(self) -> list[str]:
        """The names in ``service.py``, lowest layer first: each ``Capability(name="…")`` in order of text."""
        contents = self.sources.get(f"{self.name}.service")
        if contents is None:
            return []
        named = [
            (keyword.value.lineno, keyword.value.value)
            for node in ast.walk(contents.tree)
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Capability"
            for keyword in node.keywords
            if keyword.arg == "name" and isinstance(keyword.value, ast.Constant)
        ]
        return [str(name) for _, name in sorted(named)]

    def place(self, module: str) -> tuple[str, str] | None:
        """Capability and file (``outlets``, ``domain``) of a module; None beside the capabilities."""
        parts = module.split(".")
        if parts[0] != self.name or len(parts) < 2 or f"{self.name}.{parts[1]}.__init__" not in self.sources:
            return None
        return parts[1], parts[2] if len(parts) > 2 else ""

    def targets(self, source: Source) -> Iterator[tuple[int, str]]:
        """Every module that the source imports, with the line."""
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield node.lineno, alias.name
            elif isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    inner = f"{node.module}.{alias.name}"
                    known = inner in self.sources or f"{inner}.__init__" in self.sources
                    yield node.lineno, inner if known or node.module == "chassis" else node.module


def service_at(root: Path, name: str) -> Service:
    """The sources of the service below ``root``; an empty one where there is none yet."""
    package = root / "services" / name / "src" / name
    found = [read(root, path) for path in files(package) if path.suffix == ".py"] if package.exists() else []
    return Service(name, {".".join(source.parts[3:]).removesuffix(".py"): source for source in found})


def listed(service: Service) -> Iterator[Finding]:
    """Every capability's folder has its place in ``service.py``."""
    for module, source in service.sources.items():
        parts = module.split(".")
        if len(parts) == 3 and parts[2] == "__init__" and parts[1] not in service.capabilities:
            yield source.finding(
                0, f"capability {parts[1]} has no layer: list it in {service.name}/service.py"
            )


def layered(service: Service) -> Iterator[Finding]:
    """A capability uses lower ones only, and not what is private to them; nobody uses ``service.py``."""
    for module, source in service.sources.items():
        place = service.place(module)
        if place is None or place[0] not in service.capabilities:
            continue
        for line, target in service.targets(source):
            if target == f"{service.name}.service":
                yield source.finding(line, "service.py lists the capabilities; none of them knows it")
            other = service.place(target)
            if other is None or other[0] == place[0] or other[0] not in service.capabilities:
                continue
            if service.capabilities.index(other[0]) > service.capabilities.index(place[0]):
                yield source.finding(line, f"{place[0]} imports {other[0]}, which is a higher layer")
            elif other[1] in PRIVATE:
                yield source.finding(line, f"{target} is private to {other[0]}")


def ordered(service: Service) -> Iterator[Finding]:
    """Inside a capability, a file imports only what stands below it."""
    for module, source in service.sources.items():
        place = service.place(module)
        if place is None:
            continue
        for line, target in service.targets(source):
            other = service.place(target)
            if other and other[0] == place[0] and other[1] in ABOVE.get(place[1], OTHERS):
                here = place[1] or "the package"
                yield source.finding(line, f"{here} imports {other[1]}, which stands above it")


def pure(service: Service) -> Iterator[Finding]:
    """``domain`` and ``events`` import the standard library, the chassis' words and other pure modules."""
    waiting = [
        module
        for module in service.sources
        if (place := service.place(module)) and place[1] in {"domain", "events"}
    ]
    seen = set(waiting)
    while waiting:
        module = waiting.pop()
        source = service.sources[module]
        for line, target in service.targets(source):
            inner = target if target in service.sources else f"{target}.__init__"
            if inner in service.sources:
                if inner not in seen:
                    seen.add(inner)
                    waiting.append(inner)
            elif not is_pure(target):
                yield source.finding(line, f"{target} has no place in a pure module")


def is_pure(module: str) -> bool:
    """Whether a module from outside the service computes only."""
    top = module.split(".")[0]
    return module in PURE_CHASSIS or (top in sys.stdlib_module_names and top not in IMPURE)


def check(root: Path) -> Iterator[Finding]:
    """Everything below ``root`` that crosses a layer."""
    for name in SERVICES:
        service = service_at(root, name)
        for rule in (listed, layered, ordered, pure):
            yield from rule(service)


if __name__ == "__main__":
    sys.exit(report("layers", check(ROOT)))
