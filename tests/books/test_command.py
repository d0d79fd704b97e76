"""``python -m deploy.books``: what it prints, and that one imbalance is a failure."""

import json
from pathlib import Path
from typing import Any

import pytest

from deploy.books import Imbalance, Result
from deploy.books import __main__ as command

BALANCED = Result("tickets.numbers_without_gap", "I2: numbers are 1..n", 1_200, ())
FLAWED = Result(
    "sales.sales_passed",
    "each sale has its decision",
    20,
    tuple(Imbalance("sales.sales_passed", f"sale-{number}", "no decision [forged]") for number in range(12)),
)


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    (tmp_path / "ledger").mkdir()
    path = tmp_path / "stack.json"
    path.write_text(json.dumps({"services": {}}), encoding="utf-8")
    return path


def answer(monkeypatch: pytest.MonkeyPatch, *results: Result) -> list[Any]:
    asked: list[Any] = []

    def audit(info: Any, ledger: Path, **_: float) -> list[Result]:
        asked.append(ledger)
        return list(results)

    monkeypatch.setattr(command, "audit", audit)
    return asked


def test_books_that_balance(
    stack: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = answer(monkeypatch, BALANCED)
    command.main(stack)
    assert asked == [stack.parent / "ledger"]
    assert "the books balance" in capsys.readouterr().out


def test_one_imbalance_fails_and_is_named(
    stack: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(monkeypatch, BALANCED, FLAWED)
    with pytest.raises(SystemExit) as ended:
        command.main(stack)
    assert ended.value.code == 1
    shown = capsys.readouterr().out
    assert "sales.sales_passed sale-0: no decision [forged]" in shown
    assert "and 2 more" in shown
    assert "12 imbalances" in shown


def test_nothing_to_balance_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="make up"):
        command.main(tmp_path / "stack.json")
    (tmp_path / "stack.json").write_text("{}", encoding="utf-8")
    with pytest.raises(SystemExit, match="make run"):
        command.main(tmp_path / "stack.json")
