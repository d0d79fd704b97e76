from pathlib import Path

import pytest

from tests.tools.repository import lines, plant, source
from tools.house import text
from tools.house.__main__ import check
from tools.sources import report


# The words that the rules look for are put together here: in one piece each would be a finding itself.
@pytest.mark.parametrize(
    "mark",
    ["type" + ": ignore", "type" + ": ignore[x]", "no" + "qa", "NO" + "QA: E501", "prag" + "ma: no cover"],
)
def test_no_check_is_silenced(mark: str) -> None:
    assert lines(text.silences_nothing(source("tools/a.py", f"x = 1  # {mark}\n"))) == [1]
    assert lines(text.silences_nothing(source("tools/a.py", f'x = "# {mark}"\n'))) == []
    assert lines(text.silences_nothing(source("docs/a.md", f"# {mark}\n"))) == []


@pytest.mark.parametrize("word", ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"])
def test_open_work_stands_elsewhere(word: str) -> None:
    assert lines(text.postpones_nothing(source("tools/a.py", f"# {word}: later\nx = '{word}'\n"))) == [1]


def test_no_module_opts_out_of_types() -> None:
    opted_out = "[[tool.mypy.overrides]]\nmodule = 'x.*'\nignore_missing_imports = true\n"
    assert lines(text.types_everywhere(source("pyproject.toml", opted_out))) == [3]
    assert lines(text.types_everywhere(source("pyproject.toml", "[tool.mypy]\nstrict = true\n"))) == []


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("services/x/src/x/utils/a.py", [0]),
        ("services/x/src/x/helpers.py", [0]),
        ("libs/core/a.md", [0]),
        ("services/x/src/x/tickets/domain.py", []),
        ("services/x/src/x/databases/baseline.py", []),
    ],
)
def test_folders_are_named_by_what_they_hold(path: str, found: list[int]) -> None:
    assert lines(text.named_by_content(source(path, ""))) == found


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("open('/ho" + "me/ann/data')", [1]),
        ("cd /wo" + "rk/main", [1]),
        ("HOME=/ro" + "ot/x", [1]),
        ("see docs/wo" + "rk/x and https://a.example/ro" + "ot/x", []),
        ("$HOME/wo" + "rk/x", []),
        ("/v1/outlets", []),
    ],
)
def test_no_path_of_one_machine(line: str, found: list[int]) -> None:
    assert lines(text.free_of_machine_paths(source("README.md", line))) == found


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("--index-url https://pypi.example/simple", [1]),
        ("--extra-index-url x", [1]),
        ("x @ git+ssh://a/b", [1]),
        ("x @ https://a.example/x.whl", [1]),
        ("--find-links wheels", [1]),
        ("fastapi==1.0 \\", []),
        ("    --hash=sha256:00", []),
        ("# see https://a.example", []),
    ],
)
def test_locks_name_no_registry(line: str, found: list[int]) -> None:
    assert lines(text.free_of_registries(source("requirements/dev.txt", line))) == found
    assert lines(text.free_of_registries(source("docs/a.txt", line))) == []


def test_the_whole_repository_is_looked_at(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plant(tmp_path, "services/ticketing/src/ticketing/tickets/commands.py", "print(1)\n")
    plant(tmp_path, "requirements/dev.txt", "--index-url x\n")
    plant(tmp_path, "services/ticketing/src/ticketing/tickets/__init__.py", "")
    plant(tmp_path, ".cache/utils/a.py", "print(1)\n")
    assert report("house", check(tmp_path)) == 1
    told = capsys.readouterr().err
    assert "requirements/dev.txt:1: " in told
    assert "commands.py:1: print()" in told
    assert "capability tickets has no layer" in told
    assert "house: 3 to mend" in told


def test_nothing_wrong_is_success(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plant(tmp_path, "services/ticketing/src/ticketing/__init__.py", "")
    assert report("house", check(tmp_path)) == 0
    assert capsys.readouterr().err == ""
