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
from chassis.reads import Found, InOrder, Reads, watched
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
from compliance.parties.commands import Held, named_parties
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
class Grounds:
    """A case and its recording, locked with everything around them; what was ``found`` behind the locks.

    ``at``: when all of it had been read.
    """

    case: SaleCase
    recording: Recording | None
    parties: Held
    fees: Sequence[HeldFee]
    at: datetime
    found: Found


async def hold_grounds(
    session: AsyncSession, clock: Clock, wanted: SaleCase, recording_id: UUID | None, *, share: bool
) -> Grounds:
    """Locks what a decision on the case rests on, in the one order, reads the facts, then the clock.

    ``share`` False keeps its recording and quotes to ourselves (to log a sale on them). Raises
    ``RecordingUnknown``.
    """
    # The ids of the heads never change; what does is read again behind the lock.
    product_ids = [one for one in (wanted.product_id, wanted.held_product_id) if one is not None]
    ids = {
        "case_ids": [wanted.id],
        "product_ids": product_ids,
        "recording_ids": _given(recording_id),
        "outlet_ids": [wanted.outlet_id],
        "zone_ids": _given(wanted.zone_id),
    }
    named = await NAMED.read(session, **ids)
    known = None if recording_id is None else named.one(recordings.RECORDINGS, recording_id)
    if recording_id is not None and (known is None or known["outlet_id"] != wanted.outlet_id):
        raise RecordingUnknown(pointer="/recording_id")
    held = await named_parties(session, wanted, named, share=share)
    suppliers = (named.one(products.SUPPLIERS, one) for one in product_ids)
    ids |= {
        "partner_ids": [one["partner_id"] for one in suppliers if one is not None],
        "customer_ids": held.customers(wanted),
        "account_ids": _given(held.account_id),
        "seller_ids": sorted(held.sellers),
    }
    locked = await (TO_LOOK if share else TO_SELL).hold(session, **ids)
    fees = await hold_fees(
        session,
        tariff.charging(named, wanted.product_id),
        customer_id=wanted.customer_id,
        outlet_id=wanted.outlet_id,
        amount_minor=wanted.amount_minor,
        currency=wanted.currency,
        share=share,
    )
    recorded_at = clock.now() if known is None else known["started_at"]
    found = await FACTS.read(
        session,
        **locked,
        session_ids=[wanted.session_id],
        recorded_at=recorded_at,
        topic=EMPLOYEES_TOPIC,
        release=shipped_release().digest,
    )
    (case,) = found.of(cases.CASES, wanted.id)
    recording = None if recording_id is None else found.one(recordings.RECORDINGS, recording_id)
    return Grounds(
        case=watched(session, SaleCase, case),
        recording=None if recording is None else watched(session, Recording, recording),
        parties=held,
        fees=fees,
        # Read behind everything that was found: nothing that counts lies after the instant of the decision.
        at=clock.now(),
        found=found,
    )


def _given(one: UUID | None) -> list[UUID]:
    return [] if one is None else [one]
