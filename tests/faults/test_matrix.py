"""docs/faults.md names what there is: every test and fault in it exists, and there are at least twenty."""

import re
from pathlib import Path

from deploy.devstack import REPOSITORY
from tests.faults.test_faults_of_a_day import ALL, FEW, WIPE

PAGE = (REPOSITORY / "docs" / "faults.md").read_text(encoding="utf-8")
ROWS = [line for line in PAGE.splitlines() if re.match(r"\| [\dN, ]*\|", line) or line.startswith("| |")]
FUNCTION = re.compile(r"^(?:async )?def (\w+)\(", re.MULTILINE)
NAMED = {name for row in ROWS for name in re.findall(r"`(\w+)`", row.rsplit("|", 2)[1])}


def test_every_test_in_the_table_exists() -> None:
    sources = [
        path for folder in ("tests", "services", "libs") for path in Path(REPOSITORY / folder).rglob("*.py")
    ]
    known = {
        name
        for path in sources
        if "tests" in path.parts
        for name in FUNCTION.findall(path.read_text("utf-8"))
    }
    assert NAMED - known == set()


def test_every_fault_of_the_day_is_in_the_table() -> None:
    assert {fault.__name__ for fault in ALL + WIPE} <= NAMED
    assert set(FEW) <= set(ALL)


def test_there_are_at_least_twenty() -> None:
    assert len(ROWS) >= 20
