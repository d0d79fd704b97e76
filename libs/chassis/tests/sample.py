"""A small service for the chassis' own tests: counters that count, and a log of what a consumer took."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import Column, Integer, String, Table, Uuid, text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.auth import Principal, Resource, Verdict
from chassis.clock import Clock
from chassis.db import lock, new_registry
from chassis.errors import Invalid
from chassis.events import Fact
from chassis.inbox import Consumed, Reaction, Received, Subscription
from chassis.outbox import record
from chassis.service import Capability, Service

TOPIC = "sample.counters.v1"
COUNTED = "sample.counter.counted.v1"

mapper = new_registry()


@dataclass(frozen=True, kw_only=True)
class Counted(Fact, type=COUNTED, topic=TOPIC, key="counter_id"):
    """A counter went one up."""

    counter_id: UUID
    text: str


@dataclass
class Counter:
    """The aggregate of the sample: each count is one version and one fact."""

    id: UUID
    version: int

    def count(self, at: datetime, words: str = "") -> Counted:
        """One up."""
        self.version += 1
        return Counted(version=self.version, occurred_at=at, counter_id=self.id, text=words)


counters = Table(
    "counters",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
)
mapper.map_imperatively(Counter, counters, version_id_col=counters.c.version, version_id_generator=False)
taken = Table(
    "taken",
    mapper.metadata,
    Column("place", Integer, primary_key=True, autoincrement=True),
    Column("key", String, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("text", String, nullable=False),
)


class Refused(Invalid):
    """What the sample's reaction never takes."""

    code = "SAMPLE_REFUSED"
    zh = "样例拒绝。"
    en = "The sample refuses."


class CountedInput(Consumed):
    """What the sample reads of a count."""

    counter_id: UUID
    text: str


#: Texts that the reaction refuses for good, and those at which it stumbles over a bug.
POISON: set[str] = set()
BUGS: set[str] = set()


async def on_counted(session: AsyncSession, clock: Clock, fact: Received[CountedInput]) -> None:
    """Writes down what was taken, in the order of taking."""
    if fact.data.text in POISON:
        raise Refused
    if fact.data.text in BUGS:
        raise LookupError(fact.data.text)
    await session.execute(
        taken.insert().values(key=str(fact.key), sequence=fact.sequence, text=fact.data.text)
    )


async def count_by_orm(session: AsyncSession, clock: Clock, counter_id: UUID, words: str = "") -> None:
    """R1, the ORM's way: lock, change, flush, record."""
    counter = await lock(session, Counter, counter_id)
    await record(session, counter.count(clock.now(), words))


COUNT_BY_SQL = text("""
WITH counted AS (
    UPDATE counters SET version = version + 1 WHERE id = :id RETURNING id, version
), archived AS (
    INSERT INTO fact (id, type, topic, key, sequence, occurred_at, data)
    SELECT gen_random_uuid(), :type, :topic, id::text, version, CAST(:now AS timestamptz),
           json_build_object('version', version, 'occurred_at', CAST(:now AS timestamptz),
                             'counter_id', id, 'text', '')::text
    FROM counted RETURNING seq, recorded_at
)
INSERT INTO outbox (seq, recorded_at) SELECT seq, recorded_at FROM archived
""")


async def count_by_sql(session: AsyncSession, clock: Clock, counter_id: UUID) -> None:
    """R1, plain SQL's way: the fact is inserted FROM the update's RETURNING."""
    parameters = {"id": counter_id, "type": COUNTED, "topic": TOPIC, "now": clock.now()}
    await session.execute(COUNT_BY_SQL, parameters)


def allow(principal: Principal, action: str, resource: Resource | None) -> Verdict:
    """Everybody may do everything."""
    return Verdict.ALLOWED


service = Service(
    name="sample",
    title="Sample",
    description="A service for tests.",
    metadata=mapper.metadata,
    migrations=Path(__file__).parent / "sample_migrations",
    access=allow,
    registers=(TOPIC,),
    capabilities=(
        Capability(
            name="counters",
            facts=(Counted,),
            subscriptions=(
                Subscription(
                    topic=TOPIC, reactions={COUNTED: Reaction(CountedInput, on_counted)}, register=True
                ),
            ),
        ),
    ),
)
