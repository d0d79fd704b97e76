"""Use cases of telling the customer. The case is locked behind the heads of G1; then the clock is read."""

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.errors import check_version
from chassis.ids import new_id
from compliance.cases.commands import lock_case
from compliance.cases.domain import SaleCase
from compliance.customers.commands import customer_facts
from compliance.products.commands import product_facts
from compliance.suitability.domain import (
    MatchingOpinion,
    RiskDisclosure,
    Told,
    check_seller,
    give_opinion,
)


async def match_case(session: AsyncSession, clock: Clock, wanted: SaleCase, *, by: str) -> MatchingOpinion:
    """Gives the opinion on the present levels of product and customer (SUI-05).

    Raises ``ToldInForeignName``, ``CaseIsLogged``, ``CaseIsAbandoned``, ``MatchingNotPossible``.
    """
    assessment = await customer_facts(session, wanted.customer_id)
    product = await product_facts(session, wanted.product_id)
    case = await lock_case(session, wanted.id)
    at = clock.now()
    check_seller(case, by, at)
    opinion = give_opinion(new_id(), case, product, assessment, by=by, at=at)
    session.add(opinion)
    return opinion


async def disclose_risks(
    session: AsyncSession, clock: Clock, wanted: SaleCase, *, document: str, sha256: str, by: str
) -> RiskDisclosure:
    """Records which document was shown to the customer (SUI-02).

    Raises ``ToldInForeignName``, ``CaseIsLogged``, ``CaseIsAbandoned``.
    """
    case = await lock_case(session, wanted.id)
    at = clock.now()
    check_seller(case, by, at)
    disclosure = RiskDisclosure(
        id=new_id(),
        case_id=case.id,
        customer_id=case.customer_id,
        product_id=case.product_id,
        document=document,
        sha256=sha256,
        shown_by=by,
        shown_at=at,
    )
    session.add(disclosure)
    return disclosure


async def acknowledge(
    session: AsyncSession, clock: Clock, told: Told, expected_version: int, *, by: str
) -> Told:
    """Records that the customer has seen it.

    Raises ``CaseIsLogged``, ``CaseIsAbandoned``, ``StaleVersion``, ``AlreadyAcknowledged``.
    """
    case = await lock_case(session, told.case_id)
    at = clock.now()
    case.must_be_open(at)
    await session.refresh(told)
    check_version(told.version, expected_version)
    told.acknowledge(new_id(), by=by, at=at)
    return told
