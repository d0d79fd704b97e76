"""Databases that tests make on one server, in any order."""

from pathlib import Path

from sqlalchemy import text

from chassis.testing import ServiceKit, create_database
from libs.chassis.tests import sample


async def test_another_database_of_a_service_locks_nobody_out(postgres_url: str, tmp_path: Path) -> None:
    kit = ServiceKit(sample.service, create_database(postgres_url, sample.service), tmp_path)
    create_database(postgres_url, sample.service)
    async with kit.session() as session:
        assert await session.scalar(text("SELECT 1")) == 1
    await kit.close()
