"""Goes round sales, recordings and contracts by itself and looks for abnormal behaviour (SAL-03, M121).

A round looks back as far as anything can still become a finding; what was one before has its incident. A run
looks at one bounded page, and asks for the next run at once until the round is over.
"""

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.ids import BEFORE_ALL
from chassis.service import Job
from chassis.settings import Settings
from compliance.conduct.detectors import Noticed, judge, pointers
from compliance.customers.queries import assessed_again_since, levels_between
from compliance.evidence.domain import NotReadable, from_plain
from compliance.periods.domain import legal_date, start_of
from compliance.recordings.queries import sealed_since
from compliance.retention.queries import unmatched_contracts
from compliance.rulebook.behaviour import BehaviourFacts, Signal
from compliance.rulebook.facts import SaleFacts
from compliance.sales.domain import Sale
from compliance.sales.queries import decision_of, decision_row, logged_since, proves_sale

#: How far back a round looks; the thresholds of the rulebook lie well inside.
LOOK_BACK = timedelta(days=35)
PAGE = 100


class Screening:
    """Where the round stands: which detector, behind which id. A process begins with a new round."""

    def __init__(self) -> None:
        self.opened = 0
        self._stage, self._after = 0, BEFORE_ALL

    async def run(self, session: AsyncSession, clock: Clock, settings: Settings) -> bool:
        """Looks at the next page; says whether the round goes on."""
        detectors = (self._recordings, self._contracts, self._sales)
        seen = await detectors[self._stage](session, clock)
        if len(seen) == PAGE:
            self._after = seen[-1]
            return True
        self._stage, self._after = (self._stage + 1) % len(detectors), BEFORE_ALL
        return self._stage > 0

    async def _recordings(self, session: AsyncSession, clock: Clock) -> list[UUID]:
        """A recording was sealed, and no sale came of it."""
        now = clock.now()
        page = sealed_since(now - LOOK_BACK, self._after, proves=proves_sale).limit(PAGE)
        found = (await session.execute(page)).all()
        for recording, sealed_at in found:
            noticed = Noticed(
                facts=BehaviourFacts(at=now, signal=Signal.RECORDING_WITHOUT_SALE, since=sealed_at),
                subject=recording.id,
                seller_id=recording.seller_id,
                outlet_id=recording.outlet_id,
                about=pointers(recording=recording.id, case=recording.case_id),
            )
            self.opened += await judge(session, clock, noticed)
        return [recording.id for recording, _ in found]

    async def _contracts(self, session: AsyncSession, clock: Clock) -> list[UUID]:
        """Core banking reports about a sale that was never logged, so never recorded (REC-01)."""
        now = clock.now()
        page = unmatched_contracts(now - LOOK_BACK, self._after).limit(PAGE)
        found = (await session.scalars(page)).all()
        for report in found:
            since = report.reported_at
            noticed = Noticed(
                facts=BehaviourFacts(at=now, signal=Signal.SALE_WITHOUT_RECORDING, since=since),
                subject=report.sale_id,
                seller_id=None,
                outlet_id=None,
                about=pointers(sale=report.sale_id),
            )
            self.opened += await judge(session, clock, noticed)
        return [report.id for report in found]

    async def _sales(self, session: AsyncSession, clock: Clock) -> list[UUID]:
        """A customer was assessed until the product fitted."""
        since = clock.now() - LOOK_BACK
        customers = (await session.scalars(assessed_again_since(since, self._after).limit(PAGE))).all()
        for sale in (await session.scalars(logged_since(since, customers))).all():
            self.opened += await judge(session, clock, await _assessed(session, sale))
        return list(customers)


async def _assessed(session: AsyncSession, sale: Sale) -> Noticed:
    product = None
    # What cannot be read any more is for the audit of sales to name.
    with suppress(NotReadable):
        decision = decision_of(await decision_row(session, sale.decision_id))
        product = from_plain(SaleFacts, decision.inputs).product
    day = start_of(legal_date(sale.logged_at))
    levels = await levels_between(session, sale.customer_id, day, sale.logged_at)
    facts = BehaviourFacts(
        at=sale.logged_at,
        signal=Signal.ASSESSED_UNTIL_FIT,
        levels=tuple(levels),
        needed=None if product is None else product.effective_level,
    )
    return Noticed(
        facts=facts,
        subject=sale.id,
        seller_id=sale.seller_id,
        outlet_id=sale.outlet_id,
        about=pointers(sale=sale.id, customer=sale.customer_id),
    )


screen = Job(name="screen_conduct", seconds=3600, run=Screening().run)
