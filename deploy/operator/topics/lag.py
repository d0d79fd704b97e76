"""How far every group is behind the ends of its topics: records, and the age of its oldest unread one."""

from collections.abc import Mapping
from dataclasses import dataclass

import psycopg

from chassis.clock import SystemClock
from deploy.operator import broker, looking
from deploy.operator.installation import Installation, ServiceAt


@dataclass(frozen=True)
class Lag:
    """One group on one topic; ``seconds`` is the age of its oldest unread record, None where unknown.

    ``kept_by`` says where its places are kept: ours in the service's database, others by the broker.
    """

    group: str
    topic: str
    records: int
    seconds: float | None
    kept_by: str
    #: Where it stands: its first unread offsets, added up.
    place: int


@dataclass(frozen=True)
class Pace:
    """How fast a group reads a topic and how fast that grows, in records a second.

    ``seconds_left`` until it has caught up, None where it never will at that pace.
    """

    taken: float
    written: float
    seconds_left: float | None


def paces(before: list[Lag], after: list[Lag], seconds: float) -> dict[tuple[str, str], Pace]:
    """The pace of each group on each topic between two looks ``seconds`` apart."""
    earlier = {(lag.group, lag.topic): lag for lag in before}
    found = {}
    for lag in after:
        known = earlier.get((lag.group, lag.topic))
        if known is not None:
            taken = (lag.place - known.place) / seconds
            written = (lag.place + lag.records - known.place - known.records) / seconds
            left = 0.0 if not lag.records else None
            if lag.records and taken > written:
                left = lag.records / (taken - written)
            found[lag.group, lag.topic] = Pace(taken, written, left)
    return found


async def lags(installation: Installation) -> list[Lag]:
    """Every group's lag on every topic that it reads; raises ``BrokerUnreachable``."""
    topics = await broker.topics(installation.bootstrap)
    groups = await broker.committed(installation.bootstrap)
    found: list[Lag] = []
    ours = {service.name for service in installation.services}
    for service in installation.services:
        kept = _kept(service)
        if kept is not None:
            places = looking.places(service.name, kept, topics)
            found += await _behind(installation.bootstrap, service.name, places, topics, "database")
    for group, told in groups.items():
        if group not in ours:
            found += await _behind(installation.bootstrap, group, told, topics, "broker")
    return sorted(found, key=lambda lag: (lag.group, lag.topic))


def _kept(service: ServiceAt) -> dict[broker.Place, int] | None:
    try:
        with psycopg.connect(service.dsn, connect_timeout=5) as connection:
            return looking.positions(connection, service.name)
    except psycopg.Error:
        return None


async def _behind(
    bootstrap: str,
    group: str,
    places: Mapping[broker.Place, int],
    topics: Mapping[str, broker.Topic],
    kept_by: str,
) -> list[Lag]:
    """The group's lag by topic."""
    behind: dict[str, int] = {}
    stands: dict[str, int] = {}
    oldest: dict[broker.Place, int] = {}
    for (name, number), first in broker.unread(places, topics).items():
        missing = topics[name].ends[number][1] - first
        behind[name] = behind.get(name, 0) + missing
        stands[name] = stands.get(name, 0) + first
        if missing:
            oldest[name, number] = first
    written = await broker.ages(bootstrap, oldest)
    now = SystemClock().now().timestamp()
    seconds: dict[str, float] = {}
    for (name, _), milliseconds in written.items():
        seconds[name] = max(seconds.get(name, 0.0), now - milliseconds / 1000)
    return [
        Lag(
            group,
            name,
            missing,
            round(seconds[name], 1) if name in seconds else (None if missing else 0.0),
            kept_by,
            stands[name],
        )
        for name, missing in behind.items()
    ]
