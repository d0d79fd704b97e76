"""A day small enough to be read, in books that balance; tests plant into it.

Everything stays changeable until :meth:`Day.books` freezes it. Archive and topics are copies of each other,
so that one side can be changed alone.
"""

import copy
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from deploy import SERVICES
from deploy.books.canonical import canonical
from deploy.books.model import Books, Database, Evidence, Fact, Record, StoredObject
from deploy.demo.ledger import Entry

Json = dict[str, Any]

START = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
DAY = date(2026, 11, 2)
EMPTY_TABLES = {
    "ticketing": ("outlets", "number_series", "tickets", "counter_sessions"),
    "feedback": (
        "outlets",
        "sales",
        "evaluations",
        "evaluation_answers",
        "complaints",
        "complaint_steps",
        "complaint_series",
    ),
    "staffing": (
        "outlets",
        "employees",
        "qualifications",
        "trainings",
        "training_annulments",
        "selling_experiences",
        "served_tickets",
    ),
}
CHUNKS = (b"first half of the film, ", b"second half of the film")


def at(minutes: float) -> datetime:
    """So many minutes after the day's start."""
    return START + timedelta(minutes=minutes)


def text(instant: datetime) -> str:
    """An instant as a fact carries it."""
    return instant.isoformat().replace("+00:00", "Z")


@dataclass
class Day:
    """The books while they can still be changed."""

    archive: dict[str, list[Json]] = field(default_factory=lambda: {name: [] for name in SERVICES})
    topics: dict[str, list[Json]] = field(default_factory=dict)
    tables: dict[str, dict[str, list[Json]]] = field(default_factory=dict)
    inbox: dict[str, set[tuple[str, str]]] = field(default_factory=lambda: {name: set() for name in SERVICES})
    outbox: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SERVICES, 0))
    parked: dict[str, list[Json]] = field(default_factory=lambda: {name: [] for name in SERVICES})
    acts: list[Json] = field(default_factory=list)
    objects: dict[str, dict[str, StoredObject]] = field(default_factory=dict)
    wholes: dict[str, str] = field(default_factory=dict)
    certificates: dict[str, str] = field(default_factory=dict)
    has_evidence: bool = True

    def tell(self, type_: str, topic: str, key: str, version: int, minutes: float, /, **data: Any) -> Json:
        """A service archives a fact and sends it."""
        service = topic.split(".", maxsplit=1)[0]
        seq = len(self.archive[service]) + 1
        data = {"version": version, "occurred_at": text(at(minutes)), **data}
        fact = {
            "id": f"{service}-fact-{seq}",
            "source": f"/{service}",
            "type": type_,
            "topic": topic,
            "key": key,
            "sequence": version,
            "occurred_at": at(minutes),
            "seq": seq,
            "data": data,
        }
        self.archive[service].append(fact)
        return self.send(fact)

    def send(self, fact: Json, partition: int = 0) -> Json:
        """A fact stands on its topic."""
        sent = copy.deepcopy(fact) | {"partition": partition}
        self.topics.setdefault(fact["topic"], []).append(sent)
        return sent

    def rows(self, service: str, table: str) -> list[Json]:
        """The rows of a table."""
        return self.tables[service][table]

    def row(self, service: str, table: str, number: int = 0) -> Json:
        """One row of a table."""
        return self.rows(service, table)[number]

    def told(self, type_: str, number: int = 0) -> Json:
        """A fact as it stands on its topic."""
        sent = [fact for facts in self.topics.values() for fact in facts if fact["type"] == type_]
        return sent[number]

    def archived(self, type_: str, number: int = 0) -> Json:
        """A fact as it stands in its archive."""
        kept = [fact for facts in self.archive.values() for fact in facts if fact["type"] == type_]
        return kept[number]

    def both(self, type_: str, number: int = 0) -> tuple[Json, Json]:
        """A fact in archive and topic."""
        return self.archived(type_, number), self.told(type_, number)

    def act(self, op: str, outcome: str = "ok", **ids: Any) -> Json:
        """A client's line in the ledger."""
        request, body = ids.pop("request", {}), ids.pop("body", {})
        entry = {
            "at": text(START),
            "run": "test",
            "op": op,
            "outcome": outcome,
            "ids": ids,
            "request": request,
            "body": body,
            "violations": ids.pop("violations", []),
            "subject": ids.pop("subject", None),
        }
        self.acts.append(entry)
        return entry

    def acted(self, op: str, number: int = 0) -> Json:
        """A line of the ledger."""
        return [entry for entry in self.acts if entry["op"] == op][number]

    def settle(self, consumed: Mapping[str, frozenset[str]]) -> None:
        """Every consumer takes what it subscribes to."""
        for service, types in consumed.items():
            self.inbox[service] = {
                (fact["source"], fact["id"])
                for facts in self.topics.values()
                for fact in facts
                if fact["type"] in types
            }

    def books(self) -> Books:
        """The books as they are now."""
        return Books(
            databases={
                name: Database(
                    archive=tuple(Fact(**copy.deepcopy(fact)) for fact in self.archive[name]),
                    outbox=self.outbox[name],
                    parked=tuple(self.parked[name]),
                    inbox=frozenset(self.inbox[name]),
                    tables={table: tuple(rows) for table, rows in self.tables[name].items()},
                )
                for name in SERVICES
            },
            topics={topic: tuple(_records(facts)) for topic, facts in self.topics.items()},
            acts=tuple(Entry(**entry) for entry in self.acts),
            evidence=Evidence(objects=self.objects, wholes=self.wholes, certificates=self.certificates)
            if self.has_evidence
            else None,
        )


def _records(facts: list[Json]) -> list[Record]:
    return [
        Record(
            partition=fact["partition"],
            offset=offset,
            fact=Fact(**{name: value for name, value in fact.items() if name != "partition"}),
        )
        for offset, fact in enumerate(facts)
    ]


def manifest(**ids: str) -> tuple[bytes, str]:
    """The manifest of the recording of the day, and its digest."""
    hashes = [hashlib.sha256(chunk).hexdigest() for chunk in CHUNKS]
    offsets = [0, len(CHUNKS[0])]
    content = canonical(
        {
            "format": "wangdian.recording-manifest.v1",
            **ids,
            "chunks": [
                {"offset": offset, "size": len(chunk), "sha256": name}
                for offset, chunk, name in zip(offsets, CHUNKS, hashes, strict=True)
            ],
            "size": sum(map(len, CHUNKS)),
            "sha256": hashlib.sha256(b"".join(CHUNKS)).hexdigest(),
        }
    )
    return content, hashlib.sha256(content).hexdigest()
