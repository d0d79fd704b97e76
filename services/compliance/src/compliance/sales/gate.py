"""The gate's reading: heads locked in one fixed order, the case behind them, then the facts (G1).

::

    customers ▶ account ▶ sellers ▶ product ▶ partner ▶ fees ▶ outlet ▶ zone ▶ recording ▶ case

An agency product names its partner, so the product comes before it. Of several customers (holders of a joint
account) and several sellers (the bank's people in the case) the smaller id comes first,
as of the two products of a conversion or rollover.

Whoever changes one of them waits for us, or we for him: the facts are of one moment. The instant is read
when every lock is held, so that nothing committed before can lie behind it.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.ids import new_id
from chassis.settings import Settings
from compliance.cases.commands import lock_case
from compliance.cases.domain import SaleCase
from compliance.cases.queries import case as case_of
from compliance.circumstances.queries import circumstance_facts
from compliance.consents.queries import answered_by, consent_facts
from compliance.customers.commands import customer_facts
from compliance.customers.queries import assessment as assessment_of
from compliance.customers.queries import check_facts
from compliance.customers.queries import customer as customer_of
from compliance.devices.queries import recorder_facts
from compliance.fees.commands import HeldFee, fee_facts, hold_fees
from compliance.outlets.commands import share_outlet
from compliance.parties.commands import hold_parties, party_facts
from compliance.partners.commands import partner_facts
from compliance.presentations.queries import presented
from compliance.recordings.footage import footage_of
from compliance.recordings.queries import recording as recording_of
from compliance.recordings.takes import Footage
from compliance.retention.release import shipped_release
from compliance.rulebook.checks import SALE_CHECKS
from compliance.rulebook.customer_facts import AssessmentFacts, CustomerFacts, DisclosureFacts, OpinionFacts
from compliance.rulebook.decisions import Decision, decide
from compliance.rulebook.facts import (
    ConsentFacts,
    HandsFacts,
    PartnerFacts,
    ProductFacts,
    SaleFacts,
    TerminalFacts,
    ZoneFacts,
)
from compliance.rulebook.footage_facts import FootageFacts
from compliance.safeguards.queries import safeguard_facts
from compliance.sales.domain import RecordingUnknown
from compliance.sales.holdings import lock_products, transaction_facts
from compliance.sales.queries import sold_wealth
from compliance.sellers.queries import open_alerts, staffing_fresh
from compliance.suitability.queries import told_facts
from compliance.zones.commands import zone_facts


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A case, what is known about it at one instant, and what the rules say."""

    case: SaleCase
    facts: SaleFacts
    decision: Decision

    @property
    def recorded(self) -> bool:
        """Whether the matrix makes this a sale that rests on a recording."""
        return shipped_release().is_recorded(self.facts.transaction_kind, self.decision.on)

    def asked(self, rule_id: str) -> bool:
        """Whether the matrix asks the rule of this kind of transaction."""
        kind, on = self.facts.transaction_kind, self.decision.on
        return shipped_release().not_asked(rule_id, kind, on) is None


async def judge(
    session: AsyncSession,
    clock: Clock,
    settings: Settings,
    case_id: UUID,
    recording_id: UUID | None,
    *,
    share: bool,
) -> Judged:
    """Judges the case as it stands; ``share`` False keeps its recording to ourselves (to log a sale on it).

    Raises ``ObjectNotFound``, ``RecordingUnknown``, ``RecordingIsPart``, ``SealBroken``.
    """
    # The ids of the heads never change; what does is read again behind the lock.
    wanted = await case_of(session, case_id)
    held = await hold_parties(session, wanted, share=share)
    assessment, seller = await customer_facts(session, wanted.customer_id), held.sellers[wanted.seller_id]
    product, source = await lock_products(session, wanted)
    partner = await _partner(session, product)
    fees = await _fees(session, wanted, share=share)
    outlet = await share_outlet(session, wanted.outlet_id)
    zone = None if wanted.zone_id is None else await zone_facts(session, wanted.zone_id)
    footage = await _footage(session, wanted, recording_id, share=share)
    case = await lock_case(session, case_id)
    (opinion, disclosure, bought), at = await _of_before(session, case), clock.now()
    recording = None if footage is None else footage.recording
    started_at = None if recording is None else recording.started_at
    consent = await consent_facts(session, case.customer_id, case.session_id, started_at)
    facts = SaleFacts(
        attempt_id=new_id(),
        session_id=case.session_id,
        customer_id=case.customer_id,
        decided_at=at,
        channel=case.channel.value,
        amount_minor=case.amount_minor,
        currency=case.currency,
        staffing_fresh=await staffing_fresh(session, at, settings),
        product=product,
        seller=None if seller is None else seller.facts(at, case.opened_by),
        zone=await _with_recorders(session, zone, started_at or at),
        assessment=assessment,
        consent=consent,
        recordings=() if recording is None else (recording,),
        terminal=TerminalFacts(staff_assisted=case.staff_assisted, risk_page_shown=case.risk_page_shown),
        alerts=tuple(alert.facts() for alert in await open_alerts(session, case.seller_id)),
        check=await check_facts(session, case.customer_id),
        hands=await _hands(session, case, assessment, consent),
        fees=await fee_facts(session, fees, at),
        partner=partner,
        entry_mode=case.entry_mode,
        opinion=opinion,
        disclosure=disclosure,
        customer=await _customer(session, case, at, bought=bought),
        safeguards=await safeguard_facts(session, case.id),
        footage=await _shown(session, case, footage, at),
        parties=await party_facts(session, case, held, at),
        transaction=await transaction_facts(session, case, source),
        outlet=None if outlet is None else outlet.facts(at),
    )
    return Judged(case=case, facts=facts, decision=decide(shipped_release(), SALE_CHECKS, facts))


async def _partner(session: AsyncSession, product: ProductFacts | None) -> PartnerFacts | None:
    """AGY-01, AGY-04: who supplies the product; None: nobody, or it is not known."""
    if product is None or product.partner_id is None:
        return None
    return await partner_facts(session, product.partner_id)


async def _fees(session: AsyncSession, case: SaleCase, *, share: bool) -> list[HeldFee]:
    return await hold_fees(
        session,
        product_id=case.product_id,
        customer_id=case.customer_id,
        outlet_id=case.outlet_id,
        amount_minor=case.amount_minor,
        currency=case.currency,
        share=share,
    )


async def _hands(
    session: AsyncSession, case: SaleCase, assessment: AssessmentFacts | None, consent: ConsentFacts | None
) -> HandsFacts:
    """SAL-08: who assessed and who consented, by the subjects of tokens, which the facts do not name."""
    customer, seller = await customer_of(session, case.customer_id), case.opened_by
    assessed = None
    if assessment is not None:
        made = await assessment_of(session, assessment.assessment_id)
        assessed = customer.hand(made.recorded_by, seller, imported=made.imported)
    consented = None
    if consent is not None:
        consented = customer.hand(await answered_by(session, consent.consent_id), seller)
    return HandsFacts(assessed=assessed, consented=consented, buys_himself=customer.subject == seller)


async def _with_recorders(session: AsyncSession, zone: ZoneFacts | None, at: datetime) -> ZoneFacts | None:
    """ZON-06: the zone with its recorders as they stood when the recording began."""
    return None if zone is None else replace(zone, recorders=await recorder_facts(session, zone.zone_id, at))


async def _of_before(
    session: AsyncSession, case: SaleCase
) -> tuple[OpinionFacts | None, DisclosureFacts | None, bool]:
    """What is read before the clock: what was told, and whether a sale of before stands (SUI-15)."""
    return *await told_facts(session, case.id), await sold_wealth(session, case.customer_id)


async def _customer(session: AsyncSession, case: SaleCase, at: datetime, *, bought: bool) -> CustomerFacts:
    return await circumstance_facts(
        session, case.customer_id, case.product_id, case.id, at, sold_wealth=bought
    )


async def _footage(
    session: AsyncSession, case: SaleCase, recording_id: UUID | None, *, share: bool
) -> Footage | None:
    if recording_id is None:
        return None
    found = await footage_of(session, case, recording_id, share=share)
    if found is None or (await recording_of(session, recording_id)).outlet_id != case.outlet_id:
        raise RecordingUnknown(pointer="/recording_id")
    return found


async def _shown(
    session: AsyncSession, case: SaleCase, footage: Footage | None, at: datetime
) -> FootageFacts:
    """REC-02: what the recordings show, and what of the product holds now."""
    takes = () if footage is None else footage.takes
    return FootageFacts(takes=takes, presented=await presented(session, case.product_id, at))


def load_rules(settings: Settings) -> None:
    """At start-up: a rule file that cannot be used stops the service. Raises ``RulebookInvalid``."""
    shipped_release()
