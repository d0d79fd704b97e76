"""What the gate locks and reads, each in one statement (G1).

::

    customers ▶ account ▶ sellers ▶ products ▶ partners ▶ outlet ▶ zone ▶ recording ▶ its parts ▶ case ▶ fees

Most sales have one of each and no joint account. Of several the smaller id comes first. A product names its
partner and the services that its sale is charged for by, and a case who takes part in it: they are looked up
before the locks. Only what was locked is read: what has come since is not, and counts as unknown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis import register
from chassis.clock import Clock
from chassis.reads import Found, InOrder, Reads
from compliance.cases import queries as cases
from compliance.cases.domain import SaleCase
from compliance.circumstances import queries as circumstances
from compliance.consents import queries as consents
from compliance.customers import queries as customers
from compliance.devices import queries as devices
from compliance.entitlements import queries as entitlements
from compliance.fees.commands import HeldFee, hold_fees
from compliance.mandates import queries as mandates
from compliance.outlets import queries as outlets
from compliance.parties import queries as parties
from compliance.parties.commands import Held, hold_resolutions, named_parties
from compliance.partners import queries as partners
from compliance.presentations import queries as presentations
from compliance.products import queries as products
from compliance.recordings import queries as recordings
from compliance.recordings.domain import Recording
from compliance.remote_recordings import queries as remote_recordings
from compliance.retention import queries as retention
from compliance.retention.release import shipped_release
from compliance.rulebook import commands as rulebook
from compliance.safeguards import queries as safeguards
from compliance.sales import queries as sales
from compliance.sales.domain import RecordingUnknown
from compliance.sellers import queries as sellers
from compliance.sellers.queries import EMPLOYEES_TOPIC
from compliance.suitability import queries as suitability
from compliance.tariff import queries as tariff
from compliance.zones import queries as zones

#: Which heads there are to lock.
NAMED = Reads(*parties.TAKING_PART, products.SUPPLIERS, tariff.LINKS, recordings.RECORDINGS)

_BEFORE = {
    "customer_ids": customers.HEADS,
    "account_ids": mandates.HEADS,
    "seller_ids": sellers.HEADS,
    "product_ids": products.HEADS,
    "partner_ids": partners.HEADS,
    "outlet_ids": outlets.HEADS,
    "zone_ids": zones.HEADS,
}
_BEHIND = {"part_ids": recordings.PART_HEADS, "case_ids": cases.HEADS}
TO_LOOK = InOrder(**_BEFORE, recording_ids=recordings.SHARED_HEADS, **_BEHIND)
TO_SELL = InOrder(**_BEFORE, recording_ids=recordings.KEPT_HEADS, **_BEHIND)

#: What a decision rests on.
FACTS = Reads(
    cases.CASES,
    customers.CUSTOMERS,
    *customers.ASSESSED,
    customers.CHECKS,
    *circumstances.STATED,
    *consents.ANSWERED,
    mandates.HELD_JOINTLY,
    sales.WEALTH,
    *sellers.STANDING,
    *products.OFFERED,
    partners.PARTNERS,
    *presentations.PRESENT,
    remote_recordings.ENABLINGS,
    outlets.OUTLETS,
    *zones.READY,
    *devices.RECORDED_BY,
    recordings.RECORDINGS,
    *recordings.SHOWN,
    *retention.KEPT,
    presentations.KEPT,
    *parties.TAKING_PART,
    parties.ASSISTANCE,
    *suitability.TOLD,
    safeguards.SAFEGUARDS,
    entitlements.ENTITLEMENTS,
    register.STATE,
    rulebook.STORED,
)


@dataclass(frozen=True, kw_only=True)
class Named:
    """A case as it was before its lock, its recording, and which heads a decision on them locks.

    ``recorded_at``: when the recording began; None: there is none, or not at this outlet. ``is_part``: it
    belongs to another one.
    """

    case: SaleCase
    recording_id: UUID | None
    recorded_at: datetime | None
    is_part: bool
    partner_ids: Sequence[UUID]
    service_ids: Sequence[UUID]
    parties: Held

    def must_be_recorded_here(self) -> None:
        """Raises ``RecordingUnknown`` for a recording that does not exist, or not at this outlet."""
        if self.recording_id is not None and self.recorded_at is None:
            raise RecordingUnknown(pointer="/recording_id")


@dataclass(frozen=True, kw_only=True)
class Grounds:
    """A case and its recording, locked with everything around them; what was ``found`` behind the locks.

    ``at``: when all of it had been read. No session watches case and recording: who changes them writes them.
    """

    case: SaleCase
    recording: Recording | None
    parties: Held
    fees: Sequence[HeldFee]
    at: datetime
    found: Found


async def named_heads(session: AsyncSession, wanted: Sequence[tuple[SaleCase, UUID | None]]) -> list[Named]:
    """Which heads decisions on these cases and recordings lock. Locks nothing."""
    # The ids of the heads never change; what does is read again behind the lock.
    named = await NAMED.read(
        session,
        case_ids=[case.id for case, _ in wanted],
        product_ids=sorted({one for case, _ in wanted for one in _products(case)}),
        recording_ids=[one for _, one in wanted if one is not None],
        outlet_ids=sorted({case.outlet_id for case, _ in wanted}),
    )
    return [await _named(session, case, recording_id, named) for case, recording_id in wanted]


async def _named(session: AsyncSession, case: SaleCase, recording_id: UUID | None, named: Found) -> Named:
    known = None if recording_id is None else named.one(recordings.RECORDINGS, recording_id)
    suppliers = (named.one(products.SUPPLIERS, one) for one in _products(case))
    is_here = known is not None and known["outlet_id"] == case.outlet_id
    return Named(
        case=case,
        recording_id=recording_id,
        recorded_at=known["started_at"] if known is not None and is_here else None,
        is_part=known is not None and known["main_id"] is not None,
        partner_ids=[one["partner_id"] for one in suppliers if one is not None],
        service_ids=tariff.charging(named, case.product_id),
        parties=await named_parties(session, case, named),
    )


async def hold_grounds(
    session: AsyncSession, clock: Clock, named: Sequence[Named], *, share: bool
) -> list[Grounds]:
    """Locks what decisions on the cases rest on, in the one order, reads the facts, then the clock.

    ``share`` False keeps their recordings, quotes and resolutions to ourselves (to log sales on them): no two
    of the cases may rest on the same, and of several none may be charged for.
    """
    if not share:
        await hold_resolutions(session, [one.parties for one in named])
    cases_wanted = [one.case for one in named]
    locked = await (TO_LOOK if share else TO_SELL).hold(
        session,
        case_ids=[case.id for case in cases_wanted],
        product_ids=sorted({one for case in cases_wanted for one in _products(case)}),
        recording_ids=[one.recording_id for one in named if one.recording_id is not None],
        outlet_ids=sorted({case.outlet_id for case in cases_wanted}),
        zone_ids=sorted({case.zone_id for case in cases_wanted if case.zone_id is not None}),
        partner_ids=sorted({partner_id for one in named for partner_id in one.partner_ids}),
        customer_ids=sorted({customer for one in named for customer in one.parties.customers(one.case)}),
        account_ids=sorted({one for party in named if (one := party.parties.account_id) is not None}),
        seller_ids=sorted({seller for one in named for seller in one.parties.sellers}),
    )
    fees = [await _fees(session, one, share=share) for one in named]
    found = await FACTS.read(
        session,
        **locked,
        session_ids=[case.session_id for case in cases_wanted],
        recorded_at=[one.recorded_at or clock.now() for one in named],
        topic=EMPLOYEES_TOPIC,
        release=shipped_release().digest,
    )
    # Read behind everything that was found: nothing that counts lies after the instant of the decisions.
    at = clock.now()
    return [_grounds(session, one, charged, at, found) for one, charged in zip(named, fees, strict=True)]


def _grounds(
    session: AsyncSession, named: Named, fees: Sequence[HeldFee], at: datetime, found: Found
) -> Grounds:
    (case,) = found.of(cases.CASES, named.case.id)
    recording = None if named.recording_id is None else found.one(recordings.RECORDINGS, named.recording_id)
    return Grounds(
        case=SaleCase(**vars(case)),
        recording=None if recording is None else Recording(**recording),
        parties=named.parties,
        fees=fees,
        at=at,
        found=found,
    )


async def _fees(session: AsyncSession, named: Named, *, share: bool) -> list[HeldFee]:
    case = named.case
    return await hold_fees(
        session,
        named.service_ids,
        customer_id=case.customer_id,
        outlet_id=case.outlet_id,
        amount_minor=case.amount_minor,
        currency=case.currency,
        share=share,
    )


def _products(case: SaleCase) -> list[UUID]:
    return [one for one in (case.product_id, case.held_product_id) if one is not None]
