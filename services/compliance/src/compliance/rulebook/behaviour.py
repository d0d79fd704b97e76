"""The function behind the rule about abnormal behaviour of staff: pure, typed, named with a version."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from compliance.periods.domain import legal_date
from compliance.rulebook.domain import PASS, Check, PureCheck, Verdict, codes_of, fail

ABNORMAL = "STAFF_ABNORMAL_BEHAVIOUR"


class Signal(StrEnum):
    """What a detector looks at."""

    RECORDING_WITHOUT_SALE = "RECORDING_WITHOUT_SALE"
    SALE_WITHOUT_RECORDING = "SALE_WITHOUT_RECORDING"
    ASSESSED_UNTIL_FIT = "ASSESSED_UNTIL_FIT"
    BOUGHT_AFTER_VISIT = "BOUGHT_AFTER_VISIT"
    LARGE_TRANSFERS = "LARGE_TRANSFERS"


@dataclass(frozen=True, kw_only=True)
class BehaviourFacts:
    """One thing that was noticed, at ``at``; what does not belong to its signal is None or empty.

    ``since``: when the recording was sealed, the contract reported, the visit begun. ``levels``: the levels
    of the customer's assessments on the day of the sale, in their order; ``needed``: the product's level.
    ``transfers`` of ``amount_minor`` of ``currency`` in all.
    """

    at: datetime
    signal: Signal
    since: datetime | None = None
    levels: tuple[int, ...] = ()
    needed: int | None = None
    transfers: int = 0
    amount_minor: int = 0
    currency: str = ""


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """SAL-03: where the ordinary ends. Days are legal days, the last one still ordinary.

    ``transfers_minor``: by currency; any number of transfers in another one is worth a look.
    """

    recording_days: int
    contract_days: int
    assessments: int
    visit_minutes: int
    transfers: int
    transfers_minor: Mapping[str, int]


def ordinary(facts: BehaviourFacts, limits: Thresholds) -> Verdict:
    """SAL-03: what was noticed stays within what is ordinary."""
    abnormal = {
        Signal.RECORDING_WITHOUT_SALE: _days_over(facts, limits.recording_days),
        Signal.SALE_WITHOUT_RECORDING: _days_over(facts, limits.contract_days),
        Signal.ASSESSED_UNTIL_FIT: _made_to_fit(facts, limits.assessments),
        Signal.BOUGHT_AFTER_VISIT: _soon(facts, limits.visit_minutes),
        Signal.LARGE_TRANSFERS: _large(facts, limits),
    }
    return fail(ABNORMAL, facts.signal.value) if abnormal[facts.signal] else PASS


def _soon(facts: BehaviourFacts, minutes: int) -> bool:
    return facts.since is not None and timedelta(0) <= facts.at - facts.since <= timedelta(minutes=minutes)


def _large(facts: BehaviourFacts, limits: Thresholds) -> bool:
    least = limits.transfers_minor.get(facts.currency)
    return least is None or (facts.transfers >= limits.transfers and facts.amount_minor >= least)


def _days_over(facts: BehaviourFacts, days: int) -> bool:
    return facts.since is not None and legal_date(facts.at) > legal_date(facts.since) + timedelta(days=days)


def _made_to_fit(facts: BehaviourFacts, assessments: int) -> bool:
    """Assessed so often on one day, the first time too low for the product, the last time high enough."""
    levels, needed = facts.levels, facts.needed
    if needed is None or len(levels) < assessments:
        return False
    return levels[0] < needed <= levels[-1]


_CHECKS: tuple[Check[BehaviourFacts], ...] = (
    PureCheck("conduct.ordinary.v1", codes_of(ABNORMAL, *Signal), Thresholds, ordinary),
)

BEHAVIOUR_CHECKS: Mapping[str, Check[BehaviourFacts]] = {check.name: check for check in _CHECKS}
