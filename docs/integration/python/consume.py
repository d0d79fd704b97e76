"""A consumer that needs nothing of Wangdian's code: keeps the newest state of every aggregate of a topic.

    python consume.py --bootstrap 127.0.0.1:9092 --topic staffing.outlets.v1 --state outlets.sqlite

What it shows: a fact's effect, its id and the partition's place are kept in one transaction, so that a
restart takes nothing twice and leaves nothing out; an older version never overwrites a newer one; what cannot
be read is parked, and later facts of its key behind it, while everything else goes on; heartbeats are passed
over. Needs aiokafka.
"""

import argparse
import asyncio
import json
import sqlite3
import sys
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer

TABLES = """
CREATE TABLE IF NOT EXISTS place (
    topic TEXT, partition INTEGER, next INTEGER, PRIMARY KEY (topic, partition));
CREATE TABLE IF NOT EXISTS inbox (source TEXT, id TEXT, PRIMARY KEY (source, id));
CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, sequence INTEGER, type TEXT, data TEXT);
CREATE TABLE IF NOT EXISTS parked (key TEXT, partition INTEGER, "offset" INTEGER, reason TEXT, value BLOB);
"""
HEARTBEAT = "wangdian.register.heartbeat.v1"


class Unreadable(Exception):
    """A record that cannot be understood, however often it is read."""


def header(record: Any, name: str) -> str | None:
    """A CloudEvents attribute (Kafka binary mode: a header)."""
    for given, value in record.headers:
        if given == name:
            return str(value.decode())
    return None


def demanded(record: Any, name: str) -> str:
    """A header that every fact has."""
    value = header(record, name)
    if value is None:
        raise Unreadable(f"without {name}")
    return value


def take(database: sqlite3.Connection, record: Any) -> str:
    """The effect of one record, within the caller's transaction; says what was done with it."""
    kind = header(record, "ce_type")
    if kind == HEARTBEAT:
        return "passed over"
    key = record.key.decode() if record.key else None
    if key is not None and database.execute("SELECT 1 FROM parked WHERE key = ?", (key,)).fetchone():
        return park(database, record, "behind a parked one")
    try:
        source, identity = demanded(record, "ce_source"), demanded(record, "ce_id")
        sequence, data = int(demanded(record, "ce_sequence")), json.loads(record.value)
    except (Unreadable, ValueError) as error:
        return park(database, record, str(error))
    if not database.execute("INSERT OR IGNORE INTO inbox VALUES (?, ?)", (source, identity)).rowcount:
        return "known"
    known = database.execute("SELECT sequence FROM state WHERE key = ?", (key,)).fetchone()
    if known is not None and known[0] >= sequence:
        return "older"
    database.execute(
        "INSERT OR REPLACE INTO state VALUES (?, ?, ?, ?)", (key, sequence, kind, json.dumps(data))
    )
    return "taken"


def park(database: sqlite3.Connection, record: Any, reason: str) -> str:
    """Keeps what cannot be taken for somebody to look at; a record without a key holds nobody up."""
    key = record.key.decode(errors="replace") if record.key else None
    database.execute(
        "INSERT INTO parked VALUES (?, ?, ?, ?, ?)",
        (key, record.partition, record.offset, reason, record.value),
    )
    return "parked"


async def consume(bootstrap: str, topic: str, state: Path, *, stay: bool) -> None:
    """Reads from the kept places on; ends at the present end of the topic unless told to stay."""
    database = sqlite3.connect(state, isolation_level=None)
    database.executescript(TABLES)
    # Without a group every partition is this process's; what it has done is known from its own database.
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, enable_auto_commit=False, group_id=None)
    await consumer.start()
    try:
        partitions = sorted(consumer.assignment())
        if not partitions:
            raise LookupError(f"there is no topic {topic} at {bootstrap}")
        first, ends = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
        places = dict(
            database.execute("SELECT partition, next FROM place WHERE topic = ?", (topic,)).fetchall()
        )
        for partition in partitions:
            place = places.get(partition.partition, first[partition])
            if not first[partition] <= place <= ends[partition]:
                raise LookupError(f"{partition} no longer holds offset {place}: ask for a replay")
            consumer.seek(partition, place)
        while stay or any([await consumer.position(one) < ends[one] for one in partitions]):
            for records in (await consumer.getmany(timeout_ms=500)).values():
                for record in records:
                    database.execute("BEGIN")
                    done = take(database, record)
                    database.execute(
                        "INSERT OR REPLACE INTO place VALUES (?, ?, ?)",
                        (topic, record.partition, record.offset + 1),
                    )
                    database.execute("COMMIT")
                    print(
                        f"{record.partition}:{record.offset} {header(record, 'ce_type')} {done}", flush=True
                    )
    finally:
        await consumer.stop()
        database.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--topic", required=True)
    parser.add_argument("--state", required=True, type=Path)
    parser.add_argument("--stay", action="store_true", help="go on until it is stopped")
    given = parser.parse_args()
    try:
        asyncio.run(consume(given.bootstrap, given.topic, given.state, stay=given.stay))
    except LookupError as error:
        sys.exit(str(error))
