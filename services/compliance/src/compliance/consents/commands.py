"""Use cases of consents. Each bumps the customer's head, so that no decision overlooks a withdrawal (G1).

The clock is read behind the lock: what waited for a decision is dated after it.
"""

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.errors import check_version
from chassis.ids import new_id
from compliance.cases.domain import SaleCase
from compliance.consents import queries
from compliance.consents.domain import Consent, Purpose
from compliance.customers.commands import lock_customer


async def answer_consent(
    session: AsyncSession,
    clock: Clock,
    case: SaleCase,
    *,
    purpose: Purpose,
    given: bool,
    notice_version: str,
    by: str,
) -> Consent:
    """Records the customer's answer for the case's session; a refusal takes back what he agreed to in it.

    Raises ``CaseIsLogged``, ``CaseIsAbandoned``: what is over needs no further consent.
    """
    customer = await lock_customer(session, case.customer_id)
    await session.refresh(case)
    at = clock.now()
    case.must_be_open(at)
    if not given:
        for held in await queries.of_session(session, customer.id, case.session_id):
            if held.stands:
                held.withdraw(new_id(), customer_version=customer.touch(), by=by, at=at)
    answer = Consent(
        id=new_id(),
        customer_id=customer.id,
        customer_version=customer.touch(),
        case_id=case.id,
        session_id=case.session_id,
        purpose=purpose,
        given=given,
        notice_version=notice_version,
        answered_by=by,
        answered_at=at,
    )
    session.add(answer)
    return answer


async def withdraw_consent(
    session: AsyncSession, clock: Clock, consent: Consent, expected_version: int, *, by: str
) -> Consent:
    """Takes a consent back. Raises ``StaleVersion``, ``ConsentNotGiven``, ``ConsentIsWithdrawn``."""
    customer = await lock_customer(session, consent.customer_id)
    await session.refresh(consent)
    check_version(consent.version, expected_version)
    consent.must_stand()
    consent.withdraw(new_id(), customer_version=customer.touch(), by=by, at=clock.now())
    return consent
