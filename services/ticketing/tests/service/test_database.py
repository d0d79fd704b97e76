"""What the database itself forbids, and that migrations and tables say the same."""

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from chassis import migrate
from chassis.ids import new_id
from chassis.testing import ServiceKit
from services.ticketing.tests.hall import Hall, call, sit_down, take
from ticketing.database import mapper

IN_HAND = (
    "UPDATE tickets SET state = 'called', counter_id = :counter, employee_id = :employee WHERE serial = 2"
)


async def test_a_hand_holds_one_ticket(hall: Hall) -> None:
    await sit_down(hall)
    await take(hall)
    await take(hall)
    held = await call(hall)
    for counter, employee, index in (
        (held["counter_id"], str(new_id()), "uq_tickets_in_hand_counter"),
        (str(new_id()), held["employee_id"], "uq_tickets_in_hand_employee"),
    ):
        with pytest.raises(DBAPIError, match=index):
            async with hall.kit.session() as session:
                await session.execute(text(IN_HAND), {"counter": counter, "employee": employee})


async def test_ticket_in_hand_is_in_somebodys_hand(hall: Hall) -> None:
    await take(hall)
    with pytest.raises(DBAPIError, match="ck_tickets_in_hand"):
        async with hall.kit.session() as session:
            await session.execute(text("UPDATE tickets SET state = 'serving'"))


async def test_number_exists_once(hall: Hall) -> None:
    await take(hall)
    await take(hall)
    with pytest.raises(DBAPIError, match="uq_tickets_queue_id_business_date_serial"):
        async with hall.kit.session() as session:
            await session.execute(text("UPDATE tickets SET serial = 1"))


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM tickets", "DELETE FROM number_series", "DELETE FROM counter_sessions", "DELETE FROM fact"],
)
async def test_service_takes_nothing_away(hall: Hall, statement: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        async with hall.kit.session() as session:
            await session.execute(text(statement))


async def test_migrations_make_what_the_tables_say(kit: ServiceKit) -> None:
    def ours(thing: Any, name: str | None, kind: str, reflected: bool, compared: Any) -> bool:
        return kind != "table" or name in mapper.metadata.tables

    engine = create_engine(migrate.sync_url(kit.database.owner_url))
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_object": ours, "compare_type": True, "target_metadata": mapper.metadata},
        )
        differences = compare_metadata(context, mapper.metadata)
        checks = set(
            connection.execute(text("SELECT conname FROM pg_constraint WHERE contype = 'c'")).scalars()
        )
    engine.dispose()
    assert differences == []
    for table in mapper.metadata.tables.values():
        named = {str(item.name) for item in table.constraints if item.__visit_name__ == "check_constraint"}
        assert {name if name.startswith("ck_") else f"ck_{table.name}_{name}" for name in named} <= checks
