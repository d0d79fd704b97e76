"""The readable pages below ``docs/`` that follow from the contracts: operations, facts, problems."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from chassis.service import Service
from tools.consumers import consumers
from tools.pages.api import api_page
from tools.pages.facts import facts_page
from tools.pages.problems import problem_pages

FOLDERS = ("docs/api", "docs/facts", "docs/problems")


def pages(services: Sequence[Service], all_wanted: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Every page by its path in the repository. ``all_wanted``: the contracts by service and path."""
    readers = consumers(services)
    found = problem_pages([service.name for service in services])
    for service in services:
        wanted = all_wanted[service.name]
        found[f"docs/api/{service.name}.md"] = api_page(service.name, wanted["openapi.json"])
        found[f"docs/facts/{service.name}.md"] = facts_page(service, wanted, readers)
    return dict(sorted(found.items()))


def committed_pages(root: Path) -> dict[str, str]:
    """The pages that stand in the repository, by path."""
    return {
        path.relative_to(root).as_posix(): path.read_text("utf-8")
        for folder in FOLDERS
        for path in sorted((root / folder).glob("*.md"))
    }


def write_pages(root: Path, wanted: Mapping[str, str]) -> int:
    """Makes the folders hold exactly the wanted pages; answers how many changed."""
    known = committed_pages(root)
    for path in known.keys() - wanted.keys():
        (root / path).unlink()
    changed = {path: text for path, text in wanted.items() if known.get(path) != text}
    for path, text in changed.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    return len(changed) + len(known.keys() - wanted.keys())
