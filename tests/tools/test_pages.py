"""The pages that follow from the contracts: nothing missing, every code with its remedy, every link leads."""

import importlib
import json
import re
from pathlib import Path

import pytest

from chassis.contracts import contracts
from deploy import SERVICES
from tools.pages import committed_pages, pages
from tools.pages.problems import halves, kinds, package
from tools.pages.shapes import anchor, kind, table

WANTED = {name: contracts(importlib.import_module(f"{name}.service").service) for name in SERVICES}
PAGES = pages([importlib.import_module(f"{name}.service").service for name in SERVICES], WANTED)


@pytest.mark.parametrize("name", SERVICES)
def test_every_operation_says_who_may_call_it(name: str) -> None:
    page = PAGES[f"docs/api/{name}.md"]
    for path, operations in json.loads(WANTED[name]["openapi.json"])["paths"].items():
        for method, operation in operations.items():
            section = page.split(f"\n### {method.upper()} {path}\n")[1].split("\n### ")[0]
            assert re.search(rf"^Who: .+ \(action `{operation['x-action']}`\)$", section, re.MULTILINE), path
            assert f"Answers {min(operation['responses'])}" in section


@pytest.mark.parametrize("name", SERVICES)
def test_every_field_of_every_fact_is_there(name: str) -> None:
    page = PAGES[f"docs/facts/{name}.md"]
    for path, text in WANTED[name].items():
        if path.endswith(".schema.json") and not path.startswith("consumed/"):
            type_ = path.split("/")[1].removesuffix(".schema.json")
            section = page.split(f"\n### {type_}\n")[1].split("\n### ")[0]
            for field in json.loads(text)["properties"]:
                assert f"| `{field}` |" in section, (type_, field)


#: Without the errors of other tests' own services, which a whole run has loaded as well.
SHIPPED = {
    code: [found for found in classes if package(found) in ("chassis", *SERVICES)]
    for code, classes in kinds().items()
}


@pytest.mark.parametrize("code", [code for code, classes in SHIPPED.items() if classes])
def test_every_problem_says_what_happened_and_what_to_do(code: str) -> None:
    for found in SHIPPED[code]:
        for happened, remedy in halves(found):
            assert happened
            assert remedy, f"{found.code} of {found.__module__}: say what to do, after a semicolon"


def test_recorded_refusals_and_the_unforeseen_are_in_the_catalogue() -> None:
    index = PAGES["docs/problems/README.md"]
    for code in ("INTERNAL", "SALE_REFUSED", "DISPOSAL_REFUSED", "NOT_FOUND", "VERSION_STALE"):
        assert f"[`{code}`]" in index


def test_links_lead_somewhere() -> None:
    for path, text in PAGES.items():
        for target, fragment in re.findall(r"\]\(([\w./-]*)#([\w-]+)\)", text):
            there = (Path(path).parent / target).as_posix() if target else path
            headings = re.findall(r"^#+ (.+)$", PAGES[there], re.MULTILINE)
            assert fragment in {anchor(heading) for heading in headings}, (path, target, fragment)


def test_the_committed_pages_are_found(tmp_path: Path) -> None:
    assert committed_pages(tmp_path) == {}
    (tmp_path / "docs" / "api").mkdir(parents=True)
    (tmp_path / "docs" / "api" / "old.md").write_text("old", "utf-8")
    assert committed_pages(tmp_path) == {"docs/api/old.md": "old"}


def test_schemas_in_words() -> None:
    assert kind({"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]}) == "date or null"
    assert kind({"type": "array", "items": {"$ref": "#/$defs/Item"}}) == "list of [Item](#item)"
    assert kind({"enum": ["a", "b"]}) == "`a` · `b`"
    assert table(("A",), []) == ""
    assert table(("A",), [("x | y",)]) == "| A |\n| --- |\n| x \\| y |\n"
