"""Permits, uses and reversals written in SQL as the service's own role: refused, or named by the audit."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from chassis.ids import new_id
from chassis.testing import ServiceKit
from compliance.permits.audit import suspicions
from compliance.permits.signing import permit_keys
from services.compliance.tests.attacking import run
from services.compliance.tests.keeping import Keeper
from services.compliance.tests.ordering import ask_reversal, decide, redeem, reported, reverse, sold
from services.compliance.tests.registers import Json, ok, refusal

TABLES = (
    "permits",
    "permit_endings",
    "order_reports",
    "reversal_requests",
    "reversal_rejections",
    "sale_reversals",
    "reconciliations",
    "reconciliation_differences",
    "reconciliation_settlements",
)
PERMIT = """
INSERT INTO permits SELECT :id, id, outlet_id, customer_id, product_id, :product_version,
    amount_minor + :more, currency, logged_at, logged_at + interval '1 day', 'forged', 'a.b.c'
FROM sales WHERE id = :sale_id
"""
USE = """
INSERT INTO permit_endings (permit_id, sale_id, kind, order_id, reversal_id, customer_id, product_id,
    product_version, amount_minor, currency, expires_at, ended_by, ended_at)
SELECT id, sale_id, 'USED', :order_id, NULL, customer_id, product_id, product_version, amount_minor + :more,
    currency, expires_at + CAST(:longer AS interval), 'corebanking', CAST(:at AS timestamptz)
FROM permits WHERE id = :permit_id
"""
REVOCATION = """
INSERT INTO permit_endings (permit_id, sale_id, kind, order_id, reversal_id, customer_id, product_id,
    product_version, amount_minor, currency, expires_at, ended_by, ended_at)
SELECT id, sale_id, 'REVOKED', NULL, :reversal_id, customer_id, product_id, product_version, amount_minor,
    currency, expires_at, 'officer-2', CAST(:at AS timestamptz) FROM permits WHERE id = :permit_id
"""
REQUEST = """
INSERT INTO reversal_requests (id, sale_id, outlet_id, reason, requested_by, requested_at)
SELECT :request_id, id, outlet_id, 'MISCONDUCT', 'officer-1', CAST(:at AS timestamptz)
FROM sales WHERE id = :sale_id
"""
REVERSAL = """
INSERT INTO sale_reversals (id, sale_id, request_id, outlet_id, reason, amount_minor, currency, order_id,
    requested_by, approved_by, reversed_at)
SELECT :reversal_id, id, :request_id, outlet_id, 'MISCONDUCT', -amount_minor + :more, currency,
    CAST(:order_id AS varchar), CAST(:requested_by AS varchar), 'officer-2', CAST(:at AS timestamptz)
FROM sales WHERE id = :sale_id
"""


async def write(kit: ServiceKit, sale: Json, permit: Json, *statements: str, **given: Any) -> dict[str, Any]:
    """The statements in one transaction of the service's own role; what they were given."""
    values: dict[str, Any] = {
        "id": new_id(),
        "sale_id": UUID(sale["id"]),
        "permit_id": UUID(permit["id"]),
        "product_version": 1,
        "request_id": new_id(),
        "reversal_id": new_id(),
        "requested_by": "officer-1",
        "order_id": None,
        "more": 0,
        "longer": timedelta(0),
        "at": kit.clock.now(),
    } | given
    async with kit.session() as session:
        for statement in statements:
            clause = text(statement)
            await session.execute(clause, {name: values[name] for name in clause.compile().params})
    return values


async def named(kit: ServiceKit) -> set[str]:
    """What the audit names."""
    async with kit.session() as session:
        found = await suspicions(session, permit_keys(kit.settings), kit.clock.now())
    return {one.forgery.value for one in found}


# --- What the database refuses -----------------------------------------------------------------------------


@pytest.mark.parametrize("table", TABLES)
async def test_nothing_of_it_is_changed_or_deleted(kit: ServiceKit, table: str) -> None:
    column = "permit_id" if table == "permit_endings" else "id"
    column = {"reversal_rejections": "request_id", "reconciliation_settlements": "difference_id"}.get(
        table, column
    )
    for statement in (
        f"UPDATE {table} SET {column} = {column}",
        f"DELETE FROM {table}",
        f"TRUNCATE {table} CASCADE",
        f"ALTER TABLE {table} DISABLE TRIGGER ALL",
        "DROP FUNCTION reversal_leaves_nothing_ordered() CASCADE",
    ):
        with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
            async with kit.session() as session:
                await session.execute(text(statement))


async def test_a_sale_has_one_permit_and_it_is_of_what_was_sold(kit: ServiceKit) -> None:
    _, sale, permit = await sold(kit)
    with pytest.raises(IntegrityError, match="uq_permits_sale_id"):
        await write(kit, sale, permit, PERMIT)
    with psycopg.connect(kit.database.owner_url) as owner:
        owner.execute("DELETE FROM permits")
    for wrong in ({"more": 1}, {"product_version": 2}):
        with pytest.raises(IntegrityError, match="not what was sold"):
            await write(kit, sale, permit, PERMIT, **wrong)


async def test_a_permit_is_not_used_twice_late_or_for_more(kit: ServiceKit) -> None:
    _, sale, permit = await sold(kit)
    expires = datetime.fromisoformat(permit["expires_at"])
    with pytest.raises(IntegrityError, match="ck_permit_endings_lawful"):
        await write(kit, sale, permit, USE, order_id="O-9", at=expires)
    with pytest.raises(IntegrityError, match="ck_permit_endings_lawful"):
        await write(kit, sale, permit, USE, order_id=None)
    for wrong in ({"more": 1}, {"longer": timedelta(days=9)}):
        with pytest.raises(IntegrityError, match="fk_permit_endings_permit_id_permits"):
            await write(kit, sale, permit, USE, order_id="O-9", **wrong)
    ok(await redeem(kit, permit), 2)
    with pytest.raises(IntegrityError, match="pk_permit_endings"):
        await write(kit, sale, permit, USE, order_id="O-9")
    _, other, second = await sold(kit, subject="seller-2", code="SH-0002")
    with pytest.raises(IntegrityError, match="uq_permit_endings_order_id"):
        await write(kit, other, second, USE, order_id="O-1")


async def test_no_permit_is_revoked_without_the_reversal_of_its_sale(kit: ServiceKit) -> None:
    _, sale, permit = await sold(kit)
    with pytest.raises(IntegrityError, match="fk_permit_endings_reversal_id_sale_reversals"):
        await write(kit, sale, permit, REVOCATION)
    _, other, _ = await sold(kit, subject="seller-2", code="SH-0002")
    foreign = UUID((await reverse(kit, other))["id"])
    with pytest.raises(IntegrityError, match="fk_permit_endings_reversal_id_sale_reversals"):
        await write(kit, sale, permit, REVOCATION, reversal_id=foreign)


async def test_one_person_reverses_nothing(kit: ServiceKit) -> None:
    _, sale, permit = await sold(kit)
    alone = REVERSAL.replace("'officer-2'", "'officer-1'")
    with pytest.raises(IntegrityError, match="ck_sale_reversals_four_eyes"):
        await write(kit, sale, permit, REQUEST, alone, REVOCATION)
    nobody = REVERSAL.replace("'officer-2'", "''")
    with pytest.raises(IntegrityError, match="ck_sale_reversals_four_eyes"):
        await write(kit, sale, permit, REQUEST, nobody, REVOCATION)
    # Nor by saying that somebody else has asked for it.
    with pytest.raises(IntegrityError, match="fk_sale_reversals_request_id_reversal_requests"):
        await write(kit, sale, permit, REQUEST, REVERSAL, REVOCATION, requested_by="officer-3")
    request = ok(await ask_reversal(kit, sale, 2, reason="MISCONDUCT"), 1)
    with pytest.raises(IntegrityError, match="ck_sale_reversals_four_eyes"):
        await write(
            kit,
            sale,
            permit,
            REVERSAL,
            REVOCATION,
            request_id=UUID(request["id"]),
            requested_by="officer-2",
        )


async def test_a_reversal_takes_back_what_was_sold_once_and_not_against_a_rejection(kit: ServiceKit) -> None:
    _, sale, permit = await sold(kit)
    with pytest.raises(IntegrityError, match="not of what was sold"):
        await write(kit, sale, permit, REQUEST, REVERSAL, REVOCATION, more=1)
    request = ok(await ask_reversal(kit, sale, reason="MISCONDUCT"), 1)
    ok(await decide(kit, request, "rejection"), 2)
    with pytest.raises(IntegrityError, match="was rejected"):
        await write(kit, sale, permit, REVERSAL, REVOCATION, request_id=UUID(request["id"]))
    await reverse(kit, sale)
    with pytest.raises(IntegrityError, match="uq_sale_reversals_sale_id"):
        await write(kit, sale, permit, REQUEST, REVERSAL)
    # Nor does a reversed sale get another permit.
    with psycopg.connect(kit.database.owner_url) as owner:
        owner.execute("DELETE FROM permit_endings")
        owner.execute("DELETE FROM permits")
    with pytest.raises(IntegrityError, match="its sale was reversed"):
        await write(kit, sale, permit, PERMIT)


async def test_a_reversal_leaves_no_permit_and_no_order(kit: ServiceKit) -> None:
    _, sale, permit = await sold(kit)
    with pytest.raises(IntegrityError, match="leaves a permit or an order"):
        await write(kit, sale, permit, REQUEST, REVERSAL)
    ok(await redeem(kit, permit), 2)
    for order_id in (None, "O-1"):
        with pytest.raises(IntegrityError, match="leaves a permit or an order"):
            await write(kit, sale, permit, REQUEST, REVERSAL, order_id=order_id)
    await kit.deliver(reported(kit, "cancelled"))
    with pytest.raises(IntegrityError, match="leaves a permit or an order"):
        await write(kit, sale, permit, REQUEST, REVERSAL, order_id="O-2")


# --- What that role could invent, and what names it --------------------------------------------------------


async def test_a_sound_day_is_explained(kit: ServiceKit) -> None:
    _, sale, permit = await sold(kit)
    ok(await redeem(kit, permit), 2)
    await kit.deliver(reported(kit, "cancelled"))
    await reverse(kit, sale)
    _, other, _ = await sold(kit, subject="seller-2", code="SH-0002")
    await reverse(kit, other)
    assert await named(kit) == set()


async def test_an_invented_permit_is_not_taken_and_is_named(kit: ServiceKit) -> None:
    _, sale, permit = await sold(kit)
    with psycopg.connect(kit.database.owner_url) as owner:
        owner.execute("DELETE FROM permits")
    forged = await write(kit, sale, permit, PERMIT)
    assert refusal(await redeem(kit, permit | {"id": forged["id"]})) == (409, "PERMIT_SIGNATURE_INVALID")
    assert await named(kit) == {"permit_not_signed", "permit_without_fact"}


async def test_a_permit_altered_by_the_owner_is_not_taken(kit: ServiceKit) -> None:
    _, _, permit = await sold(kit)
    with psycopg.connect(kit.database.owner_url) as owner:
        owner.execute("UPDATE permits SET expires_at = expires_at + interval '9 days'")
    assert refusal(await redeem(kit, permit)) == (409, "PERMIT_SIGNATURE_INVALID")
    assert await named(kit) == {"permit_not_signed"}


async def test_an_invented_use_reversal_or_report_is_named(kit: ServiceKit) -> None:
    _, sale, permit = await sold(kit)
    await write(kit, sale, permit, USE, order_id="O-9")
    assert await named(kit) == {"use_without_fact"}
    _, other, second = await sold(kit, subject="seller-2", code="SH-0002")
    await write(kit, other, second, REQUEST, REVERSAL, REVOCATION)
    assert await named(kit) == {"use_without_fact", "reversal_without_fact", "revocation_without_fact"}
    await write(
        kit,
        sale,
        permit,
        """INSERT INTO order_reports (id, source, fact_id, order_id, step, reported_at)
        VALUES (:id, '/corebanking', 'f', 'O-9', 'CANCELLED', CAST(:at AS timestamptz))""",
    )
    assert "report_without_inbox" in await named(kit)


async def test_the_command_line_names_it_and_fails(kit: ServiceKit) -> None:
    _, sale, permit = await sold(kit)
    keeper = Keeper(kit, "")
    sound = await run(keeper, "permits", "audit")
    assert (sound.exit_code, sound.output) == (0, "suspicions: 0\n")
    await write(kit, sale, permit, USE, order_id="O-9")
    found = await run(keeper, "permits", "audit")
    assert found.exit_code == 1
    assert f"use_without_fact: {permit['id']}" in found.output
