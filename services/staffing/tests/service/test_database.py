"""The database: what the service's own role may not do, and that migrations make what the code expects."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, MetaData, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.ids import new_id
from chassis.migrate import sync_url
from chassis.testing import Caller, ServiceKit
from services.staffing.tests.branch import open_outlet
from staffing.service import service

MODEL = "model"

COLUMNS = text("""
SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default
FROM information_schema.columns WHERE table_schema = :schema AND table_name = ANY(:tables) ORDER BY 1, 2
""")
CONSTRAINTS = text("""
SELECT conrelid::regclass::text AS owner, conname, pg_get_constraintdef(oid) AS definition
FROM pg_constraint WHERE connamespace = CAST(:schema AS regnamespace) ORDER BY 1, 2
""")
INDEXES = text(
    "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = :schema ORDER BY 1, 2"
)


@pytest.fixture
def owner(kit: ServiceKit) -> Iterator[Connection]:
    """A connection of the owner's role, in a transaction that is given up."""
    engine = create_engine(sync_url(kit.database.owner_url))
    with engine.connect() as connection:
        yield connection
        connection.rollback()
    engine.dispose()


def shape(connection: Connection, schema: str) -> dict[str, list[tuple[object, ...]]]:
    """Columns, constraints and indexes of the service's own tables, as the server knows them."""
    tables = sorted(service.metadata.tables)

    def rows(statement: object, **parameters: object) -> list[tuple[object, ...]]:
        found = connection.execute(text(str(statement)), {"schema": schema, **parameters})
        return [tuple(str(value).replace(f"{schema}.", "") for value in row) for row in found]

    return {
        "columns": rows(COLUMNS, tables=tables),
        "constraints": [row for row in rows(CONSTRAINTS) if row[0] in tables],
        "indexes": [row for row in rows(INDEXES) if row[0] in tables],
    }


def test_migrations_make_what_the_code_expects(owner: Connection) -> None:
    owner.execute(text(f"CREATE SCHEMA {MODEL}"))
    model = MetaData(schema=MODEL, naming_convention=service.metadata.naming_convention)
    for table in service.metadata.sorted_tables:
        table.to_metadata(model, schema=MODEL)
    model.create_all(owner)
    expected, migrated = shape(owner, MODEL), shape(owner, "public")
    assert {str(row[0]) for row in expected["columns"]} == set(service.metadata.tables)
    for part, rows in expected.items():
        assert migrated[part] == rows, part


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE fact SET data = '{}'",
        "DELETE FROM fact",
        "TRUNCATE fact",
        "UPDATE served_tickets SET service_seconds = 0",
        "DELETE FROM served_tickets",
        "UPDATE trainings SET minutes = 6000",
        "DELETE FROM training_annulments",
        "UPDATE selling_experiences SET selling_since = '2000-01-01'",
        "CREATE TABLE mine (id int)",
        "DROP TABLE qualifications",
        "ALTER TABLE employees DROP COLUMN version",
    ],
)
async def test_the_services_own_role_cannot(kit: ServiceKit, planner: Caller, statement: str) -> None:
    """D1."""
    await open_outlet(planner)
    with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
        async with kit.session() as session:
            await session.execute(text(statement))
    assert len(await kit.facts()) == 1


async def insert_qualification(session: AsyncSession, **given: object) -> None:
    values = {
        "id": new_id(), "employee_id": new_id(), "kind": "wealth", "valid_from": None, "valid_to": None,
    } | given  # fmt: skip
    statement = text("""
        INSERT INTO qualifications (id, employee_id, kind, valid_from, valid_to, suspensions)
        VALUES (:id, :employee_id, :kind, coalesce(:valid_from, DATE '2026-01-01'), :valid_to, '[]')""")
    await session.execute(statement, values)


async def test_a_qualification_without_its_employee_is_no_row(kit: ServiceKit) -> None:
    with pytest.raises(DBAPIError, match="fk_qualifications_employee_id_employees"):
        async with kit.session() as session:
            await insert_qualification(session)
