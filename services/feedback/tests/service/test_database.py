"""D1: what the service's own role may not do; and that migrations and tables say the same."""

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from chassis import migrate
from chassis.testing import ServiceKit
from feedback.database import mapper
from services.feedback.tests.visits import act, decision_body, etag, offered, ok, opened

FIXED = {
    "evaluations": ["ticket_id", "outlet_id", "employee_id", "visitor", "expires_at"],
    "complaints": ["reference", "complainant", "summary", "received_at", "regime", "first_contact_owner"],
}


@pytest.mark.parametrize(("table", "column"), [(name, column) for name in FIXED for column in FIXED[name]])
async def test_service_cannot_change_what_was_received(kit: ServiceKit, table: str, column: str) -> None:
    await offered(kit)
    await opened(kit)
    with pytest.raises(DBAPIError, match="permission denied"):
        async with kit.session() as session:
            await session.execute(text(f"UPDATE {table} SET {column} = {column}"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE evaluation_answers SET score = 5",
        "DELETE FROM evaluation_answers",
        "DELETE FROM evaluations",
        "UPDATE complaint_steps SET note = 'x'",
        "DELETE FROM complaint_steps",
        "DELETE FROM complaints",
        "DELETE FROM complaint_series",
        "UPDATE intake_assignments SET subject = 'me'",
        "DELETE FROM sales",
        "UPDATE fact SET data = '{}'",
    ],
)
async def test_service_cannot_change_answers_steps_or_facts(kit: ServiceKit, statement: str) -> None:
    evaluation = await offered(kit)
    async with kit.client("customer", subject="visitor-1") as visitor:
        path = f"/v1/evaluations/{evaluation['id']}/submission"
        ok(await visitor.post(path, json={"score": 1}, headers=etag(1)))
    ok(await act(kit, await opened(kit), "decision", decision_body()))
    with pytest.raises(DBAPIError, match="permission denied"):
        async with kit.session() as session:
            await session.execute(text(statement))


async def test_second_answer_cannot_exist(kit: ServiceKit) -> None:
    evaluation = await offered(kit)
    answer = text(
        "INSERT INTO evaluation_answers (evaluation_id, score, dimensions, submitted_at, submitted_by)"
        " VALUES (:id, 5, '[]', now(), 'somebody')"
    )
    async with kit.session() as session:
        await session.execute(answer, {"id": evaluation["id"]})
    with pytest.raises(DBAPIError, match="pk_evaluation_answers"):
        async with kit.session() as session:
            await session.execute(answer, {"id": evaluation["id"]})


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
