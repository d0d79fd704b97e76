"""Every runbook has its parts, and every `wangdian` command in it is one that the command line takes."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.operator.__main__ import cli

DOCS = Path(__file__).resolve().parents[2] / "docs"
RUNBOOKS = sorted((DOCS / "runbooks").glob("*.md"))
PARTS = ("You see", "It means", "First five minutes", "Fix", "Verify", "Prevention")
COMMAND = re.compile(r"`wangdian ([^`]+)`")


@pytest.mark.parametrize("path", RUNBOOKS, ids=lambda path: str(path.stem))
def test_a_runbook_says_what_is_seen_what_it_means_and_what_to_do(path: Path) -> None:
    page = path.read_text(encoding="utf-8")
    parts = ("First five minutes", "Fix", "Verify", "Prevention") if path.stem.startswith("backup") else PARTS
    places = [page.find(f"**{part}**") for part in parts]
    assert -1 not in places, parts[places.index(-1)] if -1 in places else ""
    assert places == sorted(places)
    for link in re.findall(r"\]\(([^)#]+)\)", page):
        assert (path.parent / link).exists(), link


@pytest.mark.parametrize("path", RUNBOOKS, ids=lambda path: str(path.stem))
def test_its_commands_are_ones_that_can_be_typed(path: Path) -> None:
    typed = COMMAND.findall(path.read_text(encoding="utf-8").replace("\n  ", " "))
    assert typed
    for words in typed:
        parse(words)


@pytest.mark.parametrize("words", ["repair", "status --jsn", "topics lagg", "backup create --forever F"])
def test_a_wrong_command_would_be_found(words: str) -> None:
    with pytest.raises(AssertionError):
        parse(words)


def parse(words: str) -> None:
    """Fails for an unknown command or option."""
    done = CliRunner().invoke(cli, [*shlex.split(words), "--help"])
    assert done.exit_code == 0, done.output
