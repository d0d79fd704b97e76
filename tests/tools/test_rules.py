import subprocess
import sys
from pathlib import Path

import pytest

from tests.tools.repository import plant
from tools.rules.__main__ import main
from tools.rules.catalogue import Entry, catalogue
from tools.rules.plugin import Proof, load, meaning
from tools.rules.table import mentions, state, table
from tools.sources import ROOT

RULE = Entry("REC-07", "compliance", "A recording stays")
MECHANISM = Entry("M119", "compliance", "Recordings are kept")

THROUGH = "services/compliance/tests/service/test_gate.py::test_x"
UNIT = "services/compliance/tests/unit/test_gate.py::test_x"

SUITE = """
import pytest

@pytest.mark.rule("REC-07", side="refuse")
def test_refused():
    pass

@pytest.mark.rule("REC-07", side="pass")
@pytest.mark.mechanism("M119")
@pytest.mark.parametrize("day", [1, 2])
def test_passes(day):
    assert day < 3

@pytest.mark.rule("REC-08", side="refuse")
@pytest.mark.parametrize("day", [1, 2])
def test_fails_once(day):
    assert day != 1

@pytest.mark.mechanism("M001")
def test_skipped():
    pytest.skip("no broker")

def test_without_id():
    pass
"""


def run(folder: Path, suite: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    plant(folder, "test_planted.py", suite)
    plant(folder, "pytest.ini", "[pytest]\nmarkers =\n    rule\n    mechanism\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tools.rules.plugin", "-p", "no:cacheprovider"]
    return subprocess.run(
        [*command, f"--rootdir={folder}", f"-c={folder / 'pytest.ini'}", str(folder), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def proof(outcome: str = "passed", side: str | None = None, test: str = THROUGH) -> Proof:
    return Proof("REC-07", side, test, outcome)


def test_the_catalogue_is_complete() -> None:
    entries = catalogue().values()
    assert sum(not entry.is_mechanism for entry in entries) == 126
    assert sorted(entry.id for entry in entries if entry.is_mechanism) == [f"M{n:03}" for n in range(1, 167)]
    assert all(entry.requirement for entry in entries)


def test_a_doubled_id_is_refused(tmp_path: Path) -> None:
    doubled = plant(tmp_path, "c.yaml", 'a:\n  M001: [staffing, "x"]\nb:\n  M001: [staffing, "y"]\n')
    with pytest.raises(ValueError, match="twice"):
        catalogue(doubled)


@pytest.mark.parametrize("processes", [(), ("-p", "xdist", "-n", "2")])
def test_outcomes_are_harvested_from_a_run(tmp_path: Path, processes: tuple[str, ...]) -> None:
    target = tmp_path / "out" / "rules.json"
    assert run(tmp_path, SUITE, "--rules-out", str(target), *processes).returncode == 1
    found = {(proof.id, proof.side, proof.test.split("::")[1], proof.outcome) for proof in load(target)}
    assert found == {
        ("REC-07", "refuse", "test_refused", "passed"),
        ("REC-07", "pass", "test_passes", "passed"),
        ("M119", None, "test_passes", "passed"),
        ("REC-08", "refuse", "test_fails_once", "failed"),
        ("M001", None, "test_skipped", "skipped"),
    }


def test_a_collection_takes_every_test_as_passed_and_runs_none(tmp_path: Path) -> None:
    target = tmp_path / "out" / "rules.json"
    assert run(tmp_path, SUITE, "--collect-only", "--rules-out", str(target)).returncode == 0
    assert {(proof.id, proof.outcome) for proof in load(target)} == {
        ("REC-07", "passed"),
        ("M119", "passed"),
        ("REC-08", "passed"),
        ("M001", "passed"),
    }


@pytest.mark.parametrize(
    ("mark", "found"),
    [
        (pytest.mark.rule("REC-07"), ("REC-07", None)),
        (pytest.mark.rule("REC-07", side="refuse"), ("REC-07", "refuse")),
        (pytest.mark.mechanism("M119"), ("M119", None)),
        (pytest.mark.rule("REC-99"), None),
        (pytest.mark.rule("M119"), None),
        (pytest.mark.mechanism("REC-07"), None),
        (pytest.mark.rule("REC-07", side="both"), None),
        (pytest.mark.rule(), None),
    ],
)
def test_a_mark_names_an_id_of_its_kind(
    mark: pytest.MarkDecorator, found: tuple[str, str | None] | None
) -> None:
    assert meaning(mark.mark) == found


def test_a_mark_that_means_nothing_stops_the_run(tmp_path: Path) -> None:
    ended = run(tmp_path, 'import pytest\n\n@pytest.mark.rule("REC-99")\ndef test_x():\n    pass\n')
    assert ended.returncode == pytest.ExitCode.USAGE_ERROR
    assert "no such rule: ('REC-99',)" in ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("proofs", "said"),
    [
        ([], "missing"),
        ([proof(side="refuse"), proof(side="pass")], "proven"),
        ([proof(side="refuse")], "partly: no case that passes"),
        ([proof(side="pass")], "partly: no case that is refused"),
        ([proof()], "partly: no pair of a refused and a passing case through the API or a topic"),
        ([proof(side="refuse", test=UNIT), proof(side="pass")], "partly: no case that is refused"),
        ([proof(side="refuse"), proof("failed", "pass")], "partly: test_gate.py::test_x fails"),
        ([proof("skipped", "refuse"), proof("skipped", "pass")], "partly: test_gate.py::test_x was skipped"),
        ([proof("skipped", "refuse"), proof(side="pass")], "partly: no case that is refused"),
    ],
)
def test_a_rule_is_proven_by_a_pair(proofs: list[Proof], said: str) -> None:
    assert state(RULE, proofs) == said


@pytest.mark.parametrize(
    ("proofs", "said"),
    [
        ([proof(test=UNIT)], "proven"),
        ([proof("skipped")], "partly: test_gate.py::test_x was skipped"),
        ([proof("failed"), proof()], "partly: test_gate.py::test_x fails"),
    ],
)
def test_a_mechanism_is_proven_by_one_test(proofs: list[Proof], said: str) -> None:
    assert state(MECHANISM, proofs) == said


def test_the_page_has_a_row_for_each_id_and_ends_with_the_count(tmp_path: Path) -> None:
    plant(tmp_path, "services/compliance/src/compliance/retention/domain.py", '"""REC-07."""\n')
    plant(tmp_path, "services/compliance/src/compliance/rulebook/rules.yaml", "- id: REC-07\n")
    proofs = [proof(side="refuse"), proof(side="pass"), Proof("REC-08", "pass", THROUGH, "passed")]
    page = table(catalogue(), proofs, mentions(tmp_path)).splitlines()
    assert page[-1] == "1 proven, 1 partly, 290 missing"
    assert sum(line.startswith("| ") and not line.startswith("| id") for line in page) == 292
    row = next(line for line in page if line.startswith("| REC-07 |"))
    assert "| compliance: retention/domain.py, compliance: rulebook/rules.yaml |" in row
    assert row.endswith(f"| `{THROUGH}` | proven |")
    row = next(line for line in page if line.startswith("| REC-08 |"))
    assert row.endswith("| partly: no case that is refused |")
    assert "| compliance |" in row


def test_a_stale_page_fails_the_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    harvest = plant(tmp_path, "rules.json", "[]")
    arguments = ["--from", str(harvest)]
    assert main([*arguments, "--check"], tmp_path) == 1
    assert main(arguments, tmp_path) == 0
    assert main([*arguments, "--check"], tmp_path) == 0
    plant(tmp_path, "docs/rules.md", "| REC-07 | edited |\n")
    assert main([*arguments, "--check"], tmp_path) == 1
    assert "docs/rules.md is stale: run `make rules`" in capsys.readouterr().err
