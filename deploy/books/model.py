"""What is compared: facts from archives and topics, rows of tables, what clients saw, files of evidence.

Everything is plain data, so that a check is a pure function. Ids are text on every side.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from deploy.demo.ledger import Entry

#: One row of a table by column; ids are text, instants aware, ``jsonb`` is parsed.
Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """A fact, as an archive or as a topic has it. ``seq`` is the archive's order, 0 where none is known."""

    id: str
    source: str
    type: str
    topic: str
    key: str | None
    sequence: int
    occurred_at: datetime | None
    seq: int
    data: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """Where a fact stands on its topic. The same fact may stand there more than once.

    ``written_ms``: when it was sent, in Unix milliseconds.
    """

    partition: int
    offset: int
    fact: Fact
    written_ms: int = 0


@dataclass(frozen=True, kw_only=True)
class Database:
    """One service's database in one snapshot."""

    archive: tuple[Fact, ...] = ()
    outbox: int = 0
    parked: tuple[Row, ...] = ()
    inbox: frozenset[tuple[str, str]] = frozenset()
    tables: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)

    def rows(self, table: str) -> tuple[Row, ...]:
        """The rows of a table that was read; ``KeyError`` for one that was not."""
        return self.tables[table]


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredObject:
    """A file of evidence, hashed again from the disk."""

    sha256: str
    size: int


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """The evidence store as its files say, by recording; ``objects`` by file name.

    ``wholes``: SHA-256 over the chunks of the stored manifest in their order, where all of them are there.
    """

    objects: Mapping[str, Mapping[str, StoredObject]] = field(default_factory=dict)
    wholes: Mapping[str, str] = field(default_factory=dict)
    certificates: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Books:
    """Everything that is compared.

    ``acts`` are the ledger's entries; ``evidence`` None: the store cannot be read from here;
    ``trimmed``: topics whose oldest records Kafka has let go.
    """

    databases: Mapping[str, Database]
    topics: Mapping[str, tuple[Record, ...]]
    acts: tuple[Entry, ...]
    evidence: Evidence | None
    trimmed: frozenset[str] = frozenset()

    def rows(self, service: str, table: str) -> tuple[Row, ...]:
        """The rows of one table of one service."""
        return self.databases[service].rows(table)

    @cached_property
    def facts(self) -> Mapping[str, tuple[Fact, ...]]:
        """Every distinct fact on the topics, by type, in the order of its first occurrence."""
        found: dict[str, dict[tuple[str, str], Fact]] = defaultdict(dict)
        for records in self.topics.values():
            for record in records:
                found[record.fact.type].setdefault((record.fact.source, record.fact.id), record.fact)
        return {type_: tuple(facts.values()) for type_, facts in found.items()}

    @cached_property
    def sent(self) -> Mapping[tuple[str, str], Fact]:
        """Every distinct fact on the topics, by source and id."""
        return {(fact.source, fact.id): fact for facts in self.facts.values() for fact in facts}

    def of_type(self, *types: str) -> Iterator[Fact]:
        """The distinct facts of some types on the topics."""
        for type_ in types:
            yield from self.facts.get(type_, ())

    def done(self, *operations: str, outcome: str = "ok") -> Iterator[Entry]:
        """What clients did, of some kinds."""
        return (act for act in self.acts if act.outcome == outcome and act.op in operations)


@dataclass(frozen=True, order=True)
class Imbalance:
    """One thing that does not add up: which check, about what, and how the sides differ."""

    check: str
    subject: str
    difference: str


@dataclass
class Findings:
    """What one check finds."""

    check: str
    imbalances: list[Imbalance] = field(default_factory=list)

    def add(self, subject: object, difference: str) -> None:
        """Notes an imbalance."""
        self.imbalances.append(Imbalance(self.check, str(subject), difference))

    def expect_same(self, left: Iterable[Any], right: Iterable[Any], *, lost: str, stray: str) -> None:
        """Notes what is only on the left (``lost``), and what is only on the right (``stray``)."""
        ours, theirs = set(left), set(right)
        for item in sorted(ours - theirs, key=str):
            self.add(_name(item), lost)
        for item in sorted(theirs - ours, key=str):
            self.add(_name(item), stray)

    def expect_equal(self, subject: object, left: object, right: object, what: str) -> None:
        """Notes a difference of two values; ``what`` says which sides they are."""
        if left != right:
            self.add(subject, f"{what}: {left!r} ≠ {right!r}")


def told_once(
    books: Books,
    found: Findings,
    rows: Mapping[str, Row],
    *types: str,
    key: str,
    topic: str,
    lost: str,
    stray: str,
) -> list[tuple[Fact, Row]]:
    """T1: each of ``rows`` was told once by a fact of these types that names it as ``key``; the pairs.

    ``lost``: what a row is that nobody told, ``stray`` a fact of no row; neither can be said of a ``topic``
    whose beginning is gone.
    """
    facts = list(books.of_type(*types))
    told = Counter(fact.data[key] for fact in facts)
    if topic not in books.trimmed:
        found.expect_same(rows, told, lost=lost, stray=stray)
    for subject, count in told.items():
        if count > 1:
            found.add(subject, f"told {count} times")
    return [(fact, rows[fact.data[key]]) for fact in facts if fact.data[key] in rows]


#: A check looks at the books, notes what does not add up, and answers how many things it has looked at.
Check = Callable[[Books, Findings], int]


@dataclass(frozen=True)
class Result:
    """How one check came out."""

    check: str
    invariant: str
    examined: int
    imbalances: tuple[Imbalance, ...]

    @property
    def balanced(self) -> bool:
        """Whether everything that was looked at adds up."""
        return not self.imbalances


def _name(item: object) -> str:
    return " ".join(map(str, item)) if isinstance(item, tuple) else str(item)
