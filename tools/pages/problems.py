"""The catalogue of problems: each stable code with its status, what happened and what to do."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from chassis.errors import ServiceError
from tools.pages.shapes import anchor, table

README = Path(__file__).with_name("problems.md").read_text("utf-8")

WHERE = {"chassis": "every service"}


def kinds() -> dict[str, list[type[ServiceError]]]:
    """Every class of error with a code, by code; one that only rewords its parent's code stands beside it."""
    found: dict[str, list[type[ServiceError]]] = defaultdict(list)
    every: list[type[ServiceError]] = [ServiceError, *_below(ServiceError)]
    for kind in every:
        if "code" in kind.__dict__:
            found[kind.code].append(kind)
    return dict(sorted(found.items()))


def _below(kind: type[ServiceError]) -> Iterator[type[ServiceError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _below(child)


def package(kind: type[ServiceError]) -> str:
    """The package that declares an error: ``chassis`` or a service."""
    return kind.__module__.split(".")[0]


def problem_pages(services: Sequence[str]) -> dict[str, str]:
    """The index, one page a service, and one of what every service may answer; by path in the repository."""
    by_package: dict[str, list[type[ServiceError]]] = defaultdict(list)
    for found in kinds().values():
        for kind in found:
            if package(kind) in ("chassis", *services):
                by_package[package(kind)].append(kind)
    index = [
        (f"[`{kind.code}`]({name}.md#{anchor(kind.code)})", str(kind.status), WHERE.get(name, name), kind.en)
        for name, found in by_package.items()
        for kind in found
    ]
    pages = {"docs/problems/README.md": f"{README}\n{table(('Code', 'Status', 'Of', ''), sorted(index))}"}
    for name, found in by_package.items():
        title = f"# Problems of {WHERE.get(name, name)}\n"
        pages[f"docs/problems/{name}.md"] = "\n".join([title, *[entry(kind) for kind in found]])
    return pages


def entry(kind: type[ServiceError]) -> str:
    """One code: what happened, what to do."""
    happened = halves(kind)
    rows = [
        ("What happened", *[half[0] for half in happened]),
        ("What to do", *[half[1] for half in happened]),
    ]
    return f"## {kind.code}\n\nStatus {kind.status}.\n\n{table(('', '中文', 'English'), rows)}"


def halves(kind: type[ServiceError]) -> tuple[tuple[str, str], tuple[str, str]]:
    """What happened and what to do, in Chinese and in English: the words before and after the first stop."""
    return _parted(kind.zh), _parted(kind.en)


def _parted(words: str) -> tuple[str, str]:
    happened, *rest = re.split(r"[；;。]|(?<=[^.])\. ", words, maxsplit=1)
    return happened.strip(), "".join(rest).strip()
