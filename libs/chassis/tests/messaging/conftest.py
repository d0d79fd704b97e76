"""The sample service on a real database, its broker, and ways to look at a topic."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from chassis.ids import new_id
from chassis.settings import Settings
from chassis.testing import ServiceKit, create_database
from deploy.devstack.kafka import ApacheKafka, Kafka
from deploy.devstack.ports import Ports
from libs.chassis.tests import sample
from libs.chassis.tests.messaging.broker import make_topic


@pytest.fixture(scope="session")
async def session_kit(
    postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ServiceKit]:
    """One database for all tests of the folder."""
    kit = ServiceKit(
        sample.service, create_database(postgres_url, sample.service), tmp_path_factory.mktemp("data")
    )
    yield kit
    await kit.close()


@pytest.fixture
async def kit(session_kit: ServiceKit) -> ServiceKit:
    """The sample service, empty."""
    await session_kit.reset()
    sample.POISON.clear()
    sample.BUGS.clear()
    return session_kit


@pytest.fixture
async def settings(kit: ServiceKit, kafka: Kafka) -> Settings:
    """The sample's settings on the run's broker, its topic made."""
    changed = kit.settings.model_copy(update={"kafka_bootstrap_servers": kafka.bootstrap})
    await make_topic(changed)
    return changed


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[ApacheKafka]:
    """A broker of a test's own, to lose its data or to change its topics."""
    own = ApacheKafka(tmp_path / "kafka", Ports.free())
    own.launch()
    own.wait()
    yield own
    own.stop()


async def new_counters(kit: ServiceKit, number: int) -> list[UUID]:
    """Counters at version 0."""
    ids = [new_id() for _ in range(number)]
    async with kit.session() as session:
        session.add_all(sample.Counter(counter_id, 0) for counter_id in ids)
    return ids


async def taken(kit: ServiceKit, key: str | None = None) -> list[tuple[str, int]]:
    """What the reaction took, in order: (text, sequence), of all keys or one."""
    async with kit.sessions() as session:
        rows = await session.execute(text("SELECT key, text, sequence FROM taken ORDER BY place"))
        return [(row.text, row.sequence) for row in rows if key in (None, row.key)]
