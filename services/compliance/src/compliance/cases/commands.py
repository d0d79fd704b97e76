"""Use cases of sale cases."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.db import lock, write_all
from chassis.errors import check_version
from chassis.ids import new_id
from chassis.outbox import record
from compliance.cases.domain import Abandonment, CaseCustomerUnknown, Intention, SaleCase, check_own_name
from compliance.customers.queries import find_customer
from compliance.outlets.queries import open_outlet
from compliance.presentations.commands import keep_presentation
from compliance.rulebook.registers import case_ends_at
from compliance.sellers.queries import find_seller


async def open_case(session: AsyncSession, clock: Clock, intention: Intention, *, by: str) -> SaleCase:
    """Opens a case in the caller's own name.

    A seller whom the register does not know yet may open one: the gate fails closed on it (N4, S1). Raises
    ``OutletUnknown``, ``OutletIsClosed``, ``CaseCustomerUnknown``, ``CaseInForeignName``.
    """
    await open_outlet(session, intention.outlet_id)
    if await find_customer(session, intention.customer_id) is None:
        raise CaseCustomerUnknown(pointer="/customer_id")
    seller = await find_seller(session, intention.seller_id)
    if seller is not None and seller.complete and seller.active:
        check_own_name(seller.subject, by)
    at = clock.now()
    case = SaleCase.open(new_id(), intention, by=by, at=at, expires_at=case_ends_at(at))
    session.add(case)
    await session.flush()
    await keep_presentation(session, at, case.id, case_id=case.id, product_id=case.product_id)
    return case


async def abandon_case(
    session: AsyncSession,
    clock: Clock,
    case_id: UUID,
    expected_version: int,
    reason: Abandonment,
    *,
    by: str,
) -> SaleCase:
    """The seller gives his case up, for good. The clock is read behind the lock: a sale comes first or never.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``CaseOfOtherSeller``, ``CaseIsLogged``, ``CaseIsAbandoned``.
    """
    case = await lock_case(session, case_id)
    check_version(case.version, expected_version)
    await record(session, case.abandon(reason, by=by, at=clock.now()))
    return case


LOGGED = text("""
UPDATE cases SET version = done.version, state = done.state, sale_id = done.sale_id, ended_at = done.ended_at
FROM unnest(
    CAST(:ids AS uuid[]), CAST(:versions AS int[]), CAST(:states AS text[]), CAST(:sale_ids AS uuid[]),
    CAST(:ended_at AS timestamptz[])
) AS done (id, version, state, sale_id, ended_at)
WHERE cases.id = done.id AND cases.version = done.version - 1
""")


async def write_logged(session: AsyncSession, cases: Sequence[SaleCase]) -> None:
    """Writes cases that were just logged, each of which the caller has locked and read behind the lock."""
    given = {
        "ids": [case.id for case in cases],
        "versions": [case.version for case in cases],
        "states": [case.state.value for case in cases],
        "sale_ids": [case.sale_id for case in cases],
        "ended_at": [case.ended_at for case in cases],
    }
    await write_all(session, LOGGED, given, rows=len(cases))


async def lock_case(session: AsyncSession, case_id: UUID) -> SaleCase:
    """The case, locked for a decision and read anew. Raises ``ObjectNotFound``.

    Behind the heads of G1: a consent locks its customer, then refers to the case.
    """
    return await lock(session, SaleCase, case_id)
