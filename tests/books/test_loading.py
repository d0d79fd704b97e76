"""What the books are loaded from: topics to their end, databases, ledgers, files of evidence."""

import hashlib
import os
from pathlib import Path

import psycopg
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from chassis.testing import create_database
from deploy.books import databases, evidence, ledgers, topics
from deploy.demo.ledger import Ledger, Op, Outcome
from deploy.devstack.kafka import MockKafka
from feedback.service import service as feedback
from tests.books.day import CHUNKS, manifest

TOPIC = "feedback.praises.v1"
HEADERS = [
    ("ce_id", b"fact-1"),
    ("ce_source", b"/feedback"),
    ("ce_type", b"feedback.praise.sung.v1"),
    ("ce_time", b"2026-11-02T01:00:00Z"),
    ("ce_sequence", b"1"),
    ("ce_archiveseq", b"7"),
]
HEARTBEAT = [("ce_type", topics.HEARTBEAT.encode())]


async def test_topics_are_read_from_their_first_record_to_their_last(tmp_path: Path) -> None:
    broker = MockKafka(tmp_path)
    broker.launch()
    broker.wait()
    try:
        with pytest.raises(topics.TopicUnreadable, match="no topic of ours"):
            await topics.read(broker.bootstrap)
        admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
        await admin.start()
        # The mock makes a topic when it is described.
        await admin.describe_topics([TOPIC, "somebody.else.v1"])
        await admin.close()
        async with AIOKafkaProducer(bootstrap_servers=broker.bootstrap) as producer:
            await producer.send_and_wait(
                TOPIC, b'{"praise": 1}', key=b"praise-1", headers=HEADERS, partition=0
            )
            await producer.send_and_wait(TOPIC, b"{}", headers=HEARTBEAT, partition=0)
            await producer.send_and_wait(TOPIC, b"no JSON", partition=1)
            await producer.send_and_wait("somebody.else.v1", b"{}")
        read = await topics.read(broker.bootstrap)
        ends = await topics.end_offsets(broker.bootstrap)
    finally:
        broker.stop()
    assert read.records.keys() == {TOPIC}
    fact, stray = sorted(read.records[TOPIC], key=lambda record: record.partition)
    assert (fact.fact.id, fact.fact.key, fact.fact.sequence, fact.fact.seq) == ("fact-1", "praise-1", 1, 7)
    assert fact.fact.data == {"praise": 1}
    assert (stray.fact.id, stray.fact.source) == (f"{TOPIC}/1/0", f"kafka:{TOPIC}")
    assert (ends[TOPIC, 0], ends[TOPIC, 1]) == (2, 1)
    assert read.trimmed == frozenset()


def test_a_database_is_read_as_plain_rows(postgres_url: str) -> None:
    database = create_database(postgres_url, feedback)
    outlet, sale = "01a210bd-807b-771f-9c49-a86b4b5fdac1", "01a210bd-8039-7ddd-ba46-0381470ebaa7"
    with psycopg.connect(database.owner_url) as connection:
        connection.execute(
            "INSERT INTO sales (id, outlet_id, seller_id, product_id, logged_at) "
            "VALUES (%s, %s, %s, %s, now())",
            [sale, outlet, outlet, outlet],
        )
        connection.execute(
            "INSERT INTO fact (id, type, topic, key, sequence, occurred_at, data) "
            "VALUES (%s, 'feedback.praise.sung.v1', %s, 'k', 1, now(), '{\"version\": 1}')",
            [sale, TOPIC],
        )
        connection.execute("INSERT INTO outbox SELECT seq, recorded_at FROM fact")
        connection.execute("INSERT INTO inbox (consumer, source, id) VALUES ('feedback', '/staffing', 'f')")
        connection.execute(
            "INSERT INTO consumer_position VALUES ('feedback', 'staffing.outlets.v1', 0, 5, 3)"
        )
    read = databases.read("feedback", database.owner_url)
    assert read.rows("sales")[0]["id"] == sale
    (fact,) = read.archive
    assert (fact.source, fact.id, fact.topic, fact.data) == ("/feedback", sale, TOPIC, {"version": 1})
    assert (read.outbox, read.inbox) == (1, frozenset({("/staffing", "f")}))
    progress = databases.progress("feedback", database.owner_url)
    assert progress == (fact.seq, 1, {("staffing.outlets.v1", 0): 5})


def test_evidence_is_hashed_again_from_the_disk(tmp_path: Path) -> None:
    content, seal = manifest(recording_id="r")
    folder = tmp_path / "evidence" / "objects" / "ab" / "r"
    folder.mkdir(parents=True)
    (folder / seal).write_bytes(content)
    first, second = (hashlib.sha256(chunk).hexdigest() for chunk in CHUNKS)
    (folder / first).write_bytes(CHUNKS[0])
    (folder / second).write_bytes(b"written over")
    (folder / ".part-1").write_bytes(b"half")
    read = evidence.read(tmp_path)
    assert read is not None
    held = read.objects["r"]
    assert held.keys() == {seal, first, second}
    assert held[first].sha256 == first
    assert held[second].sha256 != second
    assert read.wholes["r"] != hashlib.sha256(b"".join(CHUNKS)).hexdigest()
    (folder / second).write_bytes(CHUNKS[1])
    assert (whole := evidence.read(tmp_path)) is not None
    assert whole.wholes["r"] == hashlib.sha256(b"".join(CHUNKS)).hexdigest()
    assert evidence.read(tmp_path / "nowhere") is None


def test_all_ledgers_of_a_folder_belong_to_its_data(tmp_path: Path) -> None:
    for number, run in enumerate(("first", "second")):
        with Ledger.in_folder(tmp_path, run) as ledger:
            ledger.write(Op.ISSUE, Outcome.OK, ids={"ticket_id": run})
        os.utime(ledger.path, (number, number))
    assert [entry.run for entry in ledgers.load(tmp_path)] == ["first", "second"]
    assert [entry.run for entry in ledgers.load(tmp_path, newest_only=True)] == ["second"]
    assert [entry.run for entry in ledgers.load(tmp_path / "first.jsonl")] == ["first"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match="no ledger"):
        ledgers.load(tmp_path / "empty")
