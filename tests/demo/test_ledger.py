"""The ledger: what is written is read again, line by line, also after a crash."""

from pathlib import Path

import pytest

from deploy.demo.ledger import Ledger, Op, Outcome, read


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    """Every field comes back; ids are text, unknown ones are left out."""
    with Ledger.in_folder(tmp_path / "ledger", "run-1") as ledger:
        ledger.write(
            Op.ISSUE,
            Outcome.OK,
            status=201,
            subject="kiosk-1",
            ids={"ticket_id": 7, "queue_id": None},
            request={"service_code": "存款"},
            body={"number": "A001"},
        )
        ledger.write(Op.SALE, Outcome.REFUSED, status=422, code="SALE_REFUSED", violations=[{"rule": "x"}])
        ledger.write(Op.PAYOUT, Outcome.UNKNOWN)
        written = ledger.entries
    assert list(read(ledger.path)) == written
    assert written[0].ids == {"ticket_id": "7"}
    assert [entry.run for entry in written] == ["run-1"] * 3


def test_entries_are_found_by_what_they_are(tmp_path: Path) -> None:
    """By operation, and by outcome."""
    with Ledger.in_folder(tmp_path, "run") as ledger:
        ledger.write(Op.CALL, Outcome.OK)
        ledger.write(Op.CALL, Outcome.UNKNOWN)
        ledger.write(Op.START, Outcome.OK)
        assert len(ledger.of(Op.CALL)) == 2
        assert len(ledger.of(Op.CALL, Op.START, outcome=Outcome.OK)) == 2


def test_a_line_is_on_file_at_once(tmp_path: Path) -> None:
    """A crash loses nothing that was written."""
    with Ledger.in_folder(tmp_path, "run") as ledger:
        ledger.write(Op.CALL, Outcome.OK)
        assert len(list(read(ledger.path))) == 1


def test_a_torn_last_line_is_left_out(tmp_path: Path) -> None:
    """What a crash has cut off was not written."""
    with Ledger.in_folder(tmp_path, "run") as ledger:
        ledger.write(Op.CALL, Outcome.OK)
    with ledger.path.open("a", encoding="utf-8") as file:
        file.write('{"at": "2026-')
    assert len(list(read(ledger.path))) == 1


@pytest.mark.parametrize("line", ["nonsense", '{"at": "x"}', '{"unknown": 1}'])
def test_a_broken_line_is_named(tmp_path: Path, line: str) -> None:
    """Anything else is no ledger."""
    path = tmp_path / "run.jsonl"
    path.write_text(f"{line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="line 1"):
        list(read(path))
