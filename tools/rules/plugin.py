"""The pytest plugin: collects the outcome of every test that carries a `rule` or `mechanism` mark.

``--rules-out FILE`` writes them as JSON, from any run: the fast selection of `make rules`, or a full one.
"""

import json
from collections.abc import Generator, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

from tools.rules.catalogue import catalogue

SIDES = frozenset({None, "refuse", "pass"})

#: The name of the property of a report that holds one mark of its test: an id and a side.
CARRIED = "rules.mark"

#: The worse outcome of a test's phases and parameters wins.
WORST = {"passed": 0, "skipped": 1, "failed": 2}


@dataclass(frozen=True)
class Proof:
    """One mark on one test: whose rule, which side, and ``passed``, ``skipped`` or ``failed``."""

    id: str
    side: str | None
    test: str
    outcome: str


def meaning(mark: pytest.Mark) -> tuple[str, str | None] | None:
    """The id and the side that a mark names; None when it means nothing."""
    side = mark.kwargs.get("side")
    if len(mark.args) != 1 or mark.args[0] not in catalogue() or side not in SIDES:
        return None
    if catalogue()[mark.args[0]].is_mechanism != (mark.name == "mechanism"):
        return None
    return mark.args[0], side


def marks(item: pytest.Item) -> Iterator[tuple[str, str | None]]:
    """The ids and sides that a test carries; raises ``UsageError`` on a mark that means nothing."""
    for mark in (*item.iter_markers("rule"), *item.iter_markers("mechanism")):
        found = meaning(mark)
        if found is None:
            raise pytest.UsageError(f"{item.nodeid}: no such {mark.name}: {mark.args} {mark.kwargs}")
        yield found


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Sends a test's marks along with its report, which may be told to another process."""
    report = yield
    report.user_properties += [(CARRIED, list(mark)) for mark in sorted(set(marks(item)), key=str)]
    return report


class Harvest:
    """What the run has shown so far."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.outcomes: dict[str, str] = {}
        self.marks: dict[str, set[tuple[str, str | None]]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Notes the outcome of each phase of a marked test."""
        test = report.nodeid.split("[")[0]
        told = [told for name, told in report.user_properties if name == CARRIED]
        carried = {(str(one[0]), one[1]) for one in told if isinstance(one, list)}
        if carried:
            known = self.outcomes.get(test, "passed")
            self.outcomes[test] = max(known, report.outcome, key=WORST.__getitem__)
            self.marks.setdefault(test, set()).update(carried)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """A run that only collects shows what it would prove if every test passed."""
        if session.config.option.collectonly:
            for item in session.items:
                if carried := set(marks(item)):
                    test = item.nodeid.split("[")[0]
                    self.outcomes[test] = "passed"
                    self.marks.setdefault(test, set()).update(carried)

    def proofs(self) -> list[Proof]:
        """Every mark with its test's outcome, sorted."""
        return [
            Proof(identity, side, test, self.outcomes[test])
            for test in sorted(self.marks)
            for identity, side in sorted(self.marks[test], key=str)
        ]

    def pytest_sessionfinish(self) -> None:
        """Writes the proofs where they were asked for."""
        self.target.parent.mkdir(parents=True, exist_ok=True)
        self.target.write_text(json.dumps([asdict(proof) for proof in self.proofs()], indent=1), "utf-8")


def load(path: Path) -> list[Proof]:
    """The proofs that a run has written."""
    return [Proof(**proof) for proof in json.loads(path.read_text("utf-8"))]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds ``--rules-out``."""
    parser.addoption("--rules-out", type=Path, help="write the outcome of rule and mechanism tests as JSON")


def pytest_configure(config: pytest.Config) -> None:
    """Starts to collect when asked to: where the reports arrive, when several processes run the tests."""
    if (target := config.getoption("--rules-out")) and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Harvest(target), "rules-harvest")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Stops a run whose marks name no rule of the catalogue."""
    for item in items:
        for _ in marks(item):
            pass
