"""Order within a key is judged across the partitions of a topic that was grown."""

from datetime import UTC, datetime

import pytest

from deploy.books.checks.facts import _first_occurrences
from deploy.books.model import Fact, Record

TOPIC = "ticketing.tickets.v1"


def record(version: int, partition: int, offset: int, written_ms: int) -> Record:
    fact = Fact(
        id=f"fact-{version}",
        source="/ticketing",
        type="ticketing.ticket.called.v1",
        topic=TOPIC,
        key="one",
        sequence=version,
        occurred_at=datetime(2026, 3, 2, tzinfo=UTC),
        seq=version,
        data={},
    )
    return Record(partition=partition, offset=offset, fact=fact, written_ms=written_ms)


@pytest.mark.parametrize(
    ("records", "versions"),
    [
        ((record(1, 5, 7, 10), record(2, 5, 8, 20), record(3, 1, 0, 30)), [1, 2, 3]),
        ((record(3, 1, 0, 5), record(1, 5, 7, 10), record(2, 5, 8, 20)), [3, 1, 2]),
        ((record(1, 1, 0, 10), record(2, 5, 0, 20), record(3, 5, 1, 19)), [1, 2, 3]),
        ((record(2, 5, 3, 10), record(1, 5, 4, 10)), [2, 1]),
    ],
    ids=["moved in order", "overtaken before the growth", "offsets decide on one partition", "out of order"],
)
def test_a_key_that_moved_is_in_order_when_its_partitions_are(
    records: tuple[Record, ...], versions: list[int]
) -> None:
    assert list(_first_occurrences(records)) == [("one", versions)]
