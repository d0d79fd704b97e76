"""docs/rules.md: one table row per id, with what proves it and what is lacking."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tools.rules.catalogue import Entry
from tools.rules.plugin import Proof
from tools.sources import SERVICES, files

HEAD = """# Rules and mechanisms

<!-- Written by `make rules` from the tests that carry an id; do not edit. -->

A rule is proven by a pair through the API or a topic: a case that it refuses, being the only rule broken, and
the nearest case that passes. A mechanism is proven by a test that shows it at work.

| id | requirement | enforced in | tests | state |
|---|---|---|---|---|
"""

IDS = re.compile(r"\b(?:[A-Z]{3}-\d{2}|M\d{3})\b")

TESTS_SHOWN = 3

MODULES_SHOWN = 4


def mentions(root: Path) -> dict[str, list[str]]:
    """The files of the services' sources that name an id, as ``service: folder/file``."""
    found: dict[str, list[str]] = defaultdict(list)
    for service in SERVICES:
        package = root / "services" / service / "src" / service
        for path in files(package) if package.exists() else ():
            if path.suffix in {".py", ".yaml", ".sql"}:
                for identity in set(IDS.findall(path.read_text("utf-8"))):
                    found[identity].append(f"{service}: {path.relative_to(package).as_posix()}")
    return found


def through_the_door(proof: Proof) -> bool:
    """Whether the test goes through the API or a topic: unit tests explain a rule, they do not prove it."""
    return "/unit/" not in proof.test


def state(entry: Entry, proofs: Sequence[Proof]) -> str:
    """``proven``, ``partly: why`` or ``missing``."""
    if not proofs:
        return "missing"
    for outcome in ("failed", "skipped"):
        found = sorted({name(proof.test) for proof in proofs if proof.outcome == outcome})
        if found and (outcome == "failed" or not any(proof.outcome == "passed" for proof in proofs)):
            return f"partly: {found[0]} {'fails' if outcome == 'failed' else 'was skipped'}"
    if entry.is_mechanism:
        return "proven"
    sides = {proof.side for proof in proofs if proof.outcome == "passed" and through_the_door(proof)}
    match ("refuse" in sides, "pass" in sides):
        case (True, True):
            return "proven"
        case (True, False):
            return "partly: no case that passes"
        case (False, True):
            return "partly: no case that is refused"
    return "partly: no pair of a refused and a passing case through the API or a topic"


def name(test: str) -> str:
    """The test without its folders: ``test_gate.py::test_x``."""
    return test.rsplit("/", 1)[-1]


def shown(tests: Iterable[str]) -> str:
    """The tests of a row, the first few by name."""
    found = sorted(set(tests))
    more = f" and {len(found) - TESTS_SHOWN} more" if len(found) > TESTS_SHOWN else ""
    return "<br>".join(f"`{test}`" for test in found[:TESTS_SHOWN]) + more


def enforced_in(entry: Entry, modules: Sequence[str], proofs: Sequence[Proof]) -> str:
    """The modules that name the id; else the services whose tests carry it."""
    if modules:
        more = ", …" if len(modules) > MODULES_SHOWN else ""
        return ", ".join(modules[:MODULES_SHOWN]) + more
    tested = sorted({part for proof in proofs for part in proof.test.split("/")[1:2] if part in SERVICES})
    return ", ".join(tested) or ("–" if not proofs else entry.service)


def table(entries: Mapping[str, Entry], proofs: Iterable[Proof], modules: Mapping[str, list[str]]) -> str:
    """The whole page; its last line is ``N proven, M partly, K missing``."""
    by_id: dict[str, list[Proof]] = defaultdict(list)
    for proof in proofs:
        by_id[proof.id].append(proof)
    rows: list[str] = []
    counts = {"proven": 0, "partly": 0, "missing": 0}
    for identity, entry in entries.items():
        found = by_id[identity]
        verdict = state(entry, found)
        counts[verdict.split(":")[0]] += 1
        where = enforced_in(entry, modules.get(identity, []), found)
        tests = shown(proof.test for proof in found)
        rows.append(f"| {identity} | {escape(entry.requirement)} | {where} | {tests} | {verdict} |")
    total = f"{counts['proven']} proven, {counts['partly']} partly, {counts['missing']} missing"
    return HEAD + "\n".join(rows) + f"\n\n{total}\n"


def escape(text: str) -> str:
    """Text that fits a cell."""
    return text.replace("|", "\\|").replace("\n", " ")
