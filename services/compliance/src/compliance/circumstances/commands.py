"""Use cases of circumstances. The clock is read behind the lock: what waited is dated after it."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.errors import check_version
from chassis.ids import new_id
from compliance.circumstances.domain import GuardianConsent, Statement, Told, check_scope
from compliance.customers.commands import lock_customer
from compliance.customers.domain import Customer


async def state_circumstances(
    session: AsyncSession, clock: Clock, customer_id: UUID, expected_version: int, told: Told, *, by: str
) -> Customer:
    """Records what another system of the bank knows about the customer.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``StatementEmpty``, ``BirthDateImplausible``.
    """
    customer = await lock_customer(session, customer_id)
    check_version(customer.version, expected_version)
    at = clock.now()
    told.check(at)
    session.add(Statement.of(new_id(), told, customer_id=customer.id, version=customer.touch(), by=by, at=at))
    return customer


async def state_guardian_consent(
    session: AsyncSession,
    clock: Clock,
    customer_id: UUID,
    expected_version: int,
    *,
    product_id: UUID | None,
    case_id: UUID | None,
    given: bool,
    evidence_id: UUID,
    by: str,
) -> tuple[Customer, GuardianConsent]:
    """Records what the legal representative answered (SUI-13).

    Raises ``ObjectNotFound``, ``StaleVersion``, ``GuardianConsentUnclear``.
    """
    check_scope(product_id, case_id)
    customer = await lock_customer(session, customer_id)
    check_version(customer.version, expected_version)
    consent = GuardianConsent(
        id=new_id(),
        customer_id=customer.id,
        customer_version=customer.touch(),
        product_id=product_id,
        case_id=case_id,
        given=given,
        evidence_id=evidence_id,
        stated_by=by,
        stated_at=clock.now(),
    )
    session.add(consent)
    return customer, consent
