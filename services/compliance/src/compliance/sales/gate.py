"""The gate's judgement: heads locked, the facts read, then the clock, then all rules (G1).

Whoever changes one of them waits for us, or we for him: the facts are of one moment. The instant is read
behind them, so that nothing that counts can lie after it. :mod:`compliance.sales.reading`
says what is locked and read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.ids import new_id
from chassis.reads import Found
from chassis.register import is_fresh
from chassis.settings import Settings
from compliance.cases.domain import SaleCase
from compliance.cases.queries import case as case_of
from compliance.circumstances.queries import stated
from compliance.consents.domain import Consent
from compliance.consents.queries import deciding_consent
from compliance.customers.queries import ASSESSMENTS, CUSTOMERS, assessed, checked
from compliance.devices.queries import recorded_by
from compliance.fees.commands import fee_facts
from compliance.outlets.queries import OUTLETS
from compliance.parties.commands import party_facts
from compliance.partners.queries import PARTNERS
from compliance.presentations.queries import presented_now
from compliance.products.queries import offered
from compliance.recordings.footage import footage_of
from compliance.retention.release import shipped_release
from compliance.rulebook.checks import SALE_CHECKS
from compliance.rulebook.commands import STORED
from compliance.rulebook.customer_facts import AssessmentFacts
from compliance.rulebook.decisions import Decision, decide
from compliance.rulebook.facts import (
    HandsFacts,
    PartnerFacts,
    ProductFacts,
    SaleFacts,
    TerminalFacts,
    ZoneFacts,
)
from compliance.rulebook.footage_facts import FootageFacts
from compliance.safeguards.domain import safeguard_facts
from compliance.safeguards.queries import SAFEGUARDS
from compliance.sales.holdings import transaction_facts
from compliance.sales.queries import bought_wealth
from compliance.sales.reading import Grounds, Named, hold_grounds, named_heads
from compliance.sellers.queries import ALERTS, EMPLOYEES_TOPIC, standing
from compliance.suitability.queries import told
from compliance.tariff.queries import charging
from compliance.zones.queries import ready


@dataclass(frozen=True, kw_only=True)
class Judged:
    """On what grounds a case was judged, what is known about it at one instant, what the rules say."""

    grounds: Grounds
    facts: SaleFacts
    decision: Decision

    @property
    def case(self) -> SaleCase:
        """The case, locked."""
        return self.grounds.case

    @property
    def known_release(self) -> bool:
        """Whether the release that decided is stored already."""
        return self.grounds.found.one(STORED, self.decision.release) is not None

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
    (named,) = await named_heads(session, [(await case_of(session, case_id), recording_id)])
    named.must_be_recorded_here()
    (judged,) = await judge_named(session, clock, settings, [named], share=share)
    return judged


async def judge_named(
    session: AsyncSession, clock: Clock, settings: Settings, named: Sequence[Named], *, share: bool
) -> list[Judged]:
    """Judges cases by facts of one moment, in their order; see :func:`hold_grounds` for which ones.

    Raises ``RecordingIsPart``, ``SealBroken``.
    """
    judged = []
    for grounds in await hold_grounds(session, clock, named, share=share):
        facts = await _facts(session, settings, grounds)
        decision = decide(shipped_release(), SALE_CHECKS, facts)
        judged.append(Judged(grounds=grounds, facts=facts, decision=decision))
    return judged


async def _facts(session: AsyncSession, settings: Settings, grounds: Grounds) -> SaleFacts:
    case, found, at = grounds.case, grounds.found, grounds.at
    footage = None if grounds.recording is None else footage_of(case, grounds.recording, found)
    recording = None if footage is None else footage.recording
    seller, outlet = standing(found, case.seller_id), found.one(OUTLETS, case.outlet_id)
    assessment, (opinion, disclosure) = assessed(found, case.customer_id), told(found, case.id)
    product = offered(found, case.product_id)
    consent = deciding_consent(
        found, case.customer_id, case.session_id, None if recording is None else recording.started_at
    )
    return SaleFacts(
        attempt_id=new_id(),
        session_id=case.session_id,
        customer_id=case.customer_id,
        decided_at=at,
        channel=case.channel.value,
        amount_minor=case.amount_minor,
        currency=case.currency,
        staffing_fresh=is_fresh(found, EMPLOYEES_TOPIC, at, settings),
        product=product,
        seller=None if seller is None else seller.facts(at, case.opened_by),
        zone=_zone(case, found, at if recording is None else recording.started_at),
        assessment=assessment,
        consent=None if consent is None else consent.facts(),
        recordings=() if recording is None else (recording,),
        terminal=TerminalFacts(staff_assisted=case.staff_assisted, risk_page_shown=case.risk_page_shown),
        alerts=tuple(alert.facts() for alert in found.of(ALERTS, case.seller_id)),
        check=checked(found, case.customer_id),
        hands=_hands(case, found, assessment, consent),
        fees=await fee_facts(session, charging(found, case.product_id), grounds.fees, at),
        partner=_partner(product, found),
        entry_mode=case.entry_mode,
        opinion=opinion,
        disclosure=disclosure,
        customer=stated(
            found,
            case.customer_id,
            case.product_id,
            case.id,
            at,
            sold_wealth=bought_wealth(found, case.customer_id),
        ),
        safeguards=safeguard_facts(found.of(SAFEGUARDS, case.id)),
        footage=FootageFacts(
            takes=() if footage is None else footage.takes,
            presented=presented_now(found, case.product_id, at),
        ),
        parties=await party_facts(session, case, grounds.parties, found, at),
        transaction=await transaction_facts(
            session,
            case,
            found,
            None if case.held_product_id is None else offered(found, case.held_product_id),
        ),
        outlet=None if outlet is None else outlet.facts(at),
    )


def _partner(product: ProductFacts | None, found: Found) -> PartnerFacts | None:
    """AGY-01, AGY-04: who supplies the product; None: nobody, or it is not known or not held."""
    if product is None or product.partner_id is None:
        return None
    partner = found.one(PARTNERS, product.partner_id)
    return None if partner is None else partner.facts()


def _hands(
    case: SaleCase, found: Found, assessment: AssessmentFacts | None, consent: Consent | None
) -> HandsFacts:
    """SAL-08: who assessed and who consented, by the subjects of tokens, which the facts do not name."""
    (customer,), seller = found.of(CUSTOMERS, case.customer_id), case.opened_by
    assessed_by = consented = None
    if assessment is not None:
        made = next(
            one for one in found.of(ASSESSMENTS, case.customer_id) if one.id == assessment.assessment_id
        )
        assessed_by = customer.hand(made.recorded_by, seller, imported=made.imported)
    if consent is not None:
        consented = customer.hand(consent.answered_by, seller)
    return HandsFacts(assessed=assessed_by, consented=consented, buys_himself=customer.subject == seller)


def _zone(case: SaleCase, found: Found, at: datetime) -> ZoneFacts | None:
    """ZON-06: the zone with its recorders as they stood when the recording began."""
    zone = None if case.zone_id is None else ready(found, case.zone_id)
    return None if zone is None else replace(zone, recorders=recorded_by(found, zone.zone_id, at))


def load_rules(settings: Settings) -> None:
    """At start-up: a rule file that cannot be used stops the service. Raises ``RulebookInvalid``."""
    shipped_release()
