"""Looks at what the gate has just decided, again and again: what somebody else wrote is named in a minute.

The database takes a decision only under an id of that moment (a trigger), so that nobody puts one among
the old ones: a look back over some minutes misses none. Older ones are named by ``sales audit``.
"""

from datetime import timedelta
from uuid import UUID

import structlog
from prometheus_client import Counter
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.ids import first_id
from chassis.service import Job
from chassis.settings import Settings
from compliance.retention.clocks import database_clock
from compliance.sales.audit import Forgery, Suspicion, look_at
from compliance.sales.replaying import Releases

log = structlog.get_logger()

SUSPICIONS = Counter(
    "wangdian_gate_suspicions_total", "Rows of the gate that nothing explains, by what is wrong.", ["forgery"]
)

#: From the start at nought: the first of a kind is an increase.
for _forgery in Forgery:
    SUSPICIONS.labels(_forgery.value)

SECONDS = 15
#: Longer than an id may lie before now, and a transaction last.
WINDOW = timedelta(minutes=5)


class Patrol:
    """Which decisions came out the same again; what was named already and is still looked at.

    A decision is never changed, so that it is decided again once. What stands around it is looked at in every
    round: something may be added to it later.
    """

    def __init__(self) -> None:
        self._sound: frozenset[UUID] = frozenset()
        self._named: set[Suspicion] = set()
        self._releases = Releases()

    async def run(self, session: AsyncSession, clock: Clock, settings: Settings) -> bool:
        """Names what is new among the decisions of the last minutes; never asks for more at once."""
        # By the clock that let the ids in.
        since = first_id(await database_clock(session) - WINDOW)
        looked = await look_at(session, since, self._sound, self._releases)
        self._sound, found = looked.sound, set(looked.found)
        # What is missing now may be stored later.
        self._releases.known = {digest: one for digest, one in self._releases.known.items() if one}
        for suspicion in sorted(found - self._named, key=lambda one: (one.forgery, one.id)):
            log.error("gate suspicion", forgery=suspicion.forgery.value, id=str(suspicion.id))
            SUSPICIONS.labels(suspicion.forgery.value).inc()
        self._named = found
        return False


watch = Job(name="watch_gate", seconds=SECONDS, run=Patrol().run)
