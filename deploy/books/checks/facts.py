"""Facts: what each service archived, and what stands on the topics."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from deploy import SERVICES
from deploy.books.model import Books, Check, Fact, Findings, Record

#: Topics on which every version of the aggregate is one fact: 1..n without a hole. On the others an aggregate
#: also changes without telling (an offered evaluation, an uploaded chunk), so versions only grow.
EVERY_VERSION = frozenset(
    {
        "ticketing.tickets.v1",
        "ticketing.counters.v1",
        "staffing.outlets.v1",
        "staffing.employees.v1",
        "feedback.complaints.v1",
        "compliance.partners.v1",
        "compliance.outlets.v1",
        "compliance.products.v1",
        "compliance.sales.v1",
        "compliance.transactions.v1",
        "compliance.permits.v1",
        "compliance.reconciliations.v1",
        "compliance.conduct.v1",
    }
)

#: Where the row of an aggregate stands whose every version is a fact: topic → service, table.
ROWS = {
    "ticketing.tickets.v1": ("ticketing", "tickets"),
    "ticketing.counters.v1": ("ticketing", "counter_sessions"),
    "staffing.outlets.v1": ("staffing", "outlets"),
    "staffing.employees.v1": ("staffing", "employees"),
    "feedback.complaints.v1": ("feedback", "complaints"),
    "compliance.partners.v1": ("compliance", "partners"),
    "compliance.products.v1": ("compliance", "products"),
}


def outbox_is_empty(books: Books, found: Findings) -> int:
    """I12: nothing waits in an outbox."""
    for service, database in books.databases.items():
        if database.outbox:
            found.add(service, f"{database.outbox} facts were not sent")
    return len(books.databases)


def nothing_is_parked(books: Books, found: Findings) -> int:
    """N2: no fact is parked."""
    for service, database in books.databases.items():
        for row in database.parked:
            found.add(f"{service} {row['topic']} {row['key']}", f"parked: {row['reason']}")
    return len(books.databases)


def archive_is_on_topics(books: Books, found: Findings) -> int:
    """R4: every archived fact stands on its topic, word for word."""
    examined = 0
    for service, database in books.databases.items():
        for fact in database.archive:
            examined += 1
            sent = books.sent.get((f"/{service}", fact.id))
            if sent is None:
                if not _let_go(books, fact):
                    found.add(_name(fact), f"archived by {service}, not on {fact.topic}")
            elif _content(sent) != _content(fact):
                found.add(_name(fact), f"on {sent.topic} it reads otherwise than in {service}'s archive")
    return examined


def topics_are_archived(books: Books, found: Findings) -> int:
    """I4: nothing stands on a service's topic that the service did not archive."""
    archived = {(f"/{name}", fact.id) for name, base in books.databases.items() for fact in base.archive}
    examined = 0
    for topic, records in books.topics.items():
        if not topic.startswith(tuple(f"{service}." for service in SERVICES)):
            continue
        for record in records:
            examined += 1
            if (record.fact.source, record.fact.id) not in archived:
                found.add(
                    f"{topic}/{record.partition}/{record.offset}", f"no archive has {_name(record.fact)}"
                )
    return examined


def one_key_one_partition(books: Books, found: Findings) -> int:
    """R2: all facts of one key stand on one partition."""
    places: dict[tuple[str, str], set[int]] = defaultdict(set)
    for topic, records in books.topics.items():
        for record in records:
            if record.fact.key is not None:
                places[topic, record.fact.key].add(record.partition)
    for (topic, key), partitions in places.items():
        if len(partitions) > 1:
            found.add(f"{topic} {key}", f"on partitions {sorted(partitions)}")
    return len(places)


def versions_in_order(books: Books, found: Findings) -> int:
    """I7: per key, versions first occur in order, from 1 without a hole where each version is a fact."""
    examined = 0
    for topic, records in books.topics.items():
        if topic.split(".")[0] not in SERVICES or topic in books.trimmed:
            continue
        for key, versions in _first_occurrences(records):
            examined += 1
            if topic in EVERY_VERSION and versions != list(range(1, len(versions) + 1)):
                found.add(f"{topic} {key}", f"versions {versions}")
            elif any(later <= earlier for earlier, later in pairwise(versions)):
                found.add(f"{topic} {key}", f"versions {versions} do not grow")
    return examined


def archive_order_follows_versions(books: Books, found: Findings) -> int:
    """R1: per key, the archive's order is that of the versions."""
    last: dict[tuple[str, str | None], int] = {}
    for database in books.databases.values():
        for fact in sorted(database.archive, key=lambda fact: fact.seq):
            place = (fact.topic, fact.key)
            if fact.sequence <= last.get(place, 0):
                found.add(_name(fact), f"archived after version {last[place]} of its key")
            last[place] = max(fact.sequence, last.get(place, 0))
    return len(last)


def last_fact_is_the_row(books: Books, found: Findings) -> int:
    """T1: the row of an aggregate stands at the version of its last fact; neither is without the other."""
    examined = 0
    for topic, (service, table) in ROWS.items():
        told: dict[str | None, int] = {}
        for fact in books.databases[service].archive:
            if fact.topic == topic:
                told[fact.key] = max(fact.sequence, told.get(fact.key, 0))
        rows = {row["id"]: row["version"] for row in books.rows(service, table)}
        examined += len(rows)
        for key in sorted(told.keys() | rows.keys(), key=str):
            if told.get(key) != rows.get(key or ""):
                found.add(f"{table} {key}", f"row at version {rows.get(key or '')}, facts at {told.get(key)}")
    return examined


def _first_occurrences(records: tuple[Record, ...]) -> Iterator[tuple[str, list[int]]]:
    """A key's facts stand on one partition, in the order of offsets. Where its topic was grown (N3) they go
    on with another one, and none was under way then: the one that the key was first sent to comes first.
    """
    begun: dict[tuple[str | None, int], int] = {}
    for record in records:
        place = record.fact.key, record.partition
        begun[place] = min(record.written_ms, begun.get(place, record.written_ms))

    def order(record: Record) -> tuple[int, int, int]:
        return begun[record.fact.key, record.partition], record.partition, record.offset

    seen: set[tuple[str, str]] = set()
    versions: dict[str, list[int]] = defaultdict(list)
    for record in sorted(records, key=order):
        fact = record.fact
        if fact.key is not None and (fact.source, fact.id) not in seen:
            seen.add((fact.source, fact.id))
            versions[fact.key].append(fact.sequence)
    yield from versions.items()


def _let_go(books: Books, fact: Fact) -> bool:
    """Kafka keeps a topic for a while only; what is older than all that is left cannot be compared."""
    if fact.topic not in books.trimmed:
        return False
    return all(record.fact.seq > fact.seq for record in books.topics.get(fact.topic, ()))


def _content(fact: Fact) -> object:
    return fact.topic, fact.type, fact.key, fact.sequence, fact.occurred_at, fact.seq, fact.data


def _name(fact: Fact) -> str:
    return f"{fact.type or 'record without a type'} {fact.key} version {fact.sequence}"


CHECKS: tuple[Check, ...] = (
    archive_is_on_topics,
    topics_are_archived,
    one_key_one_partition,
    versions_in_order,
    archive_order_follows_versions,
    last_fact_is_the_row,
    outbox_is_empty,
    nothing_is_parked,
)
