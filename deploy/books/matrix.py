"""What is asked of a transaction that is no ordinary sale, read a second time, as it holds since 2026-02-01.

Written from what the bank has decided, not from the services' code: a customer's way out is never barred by
recorder, zone, suitability or a stale register; nobody sells anew when a plan is debited, a holding is rolled
over or inherited. What was decided before there were kinds was a subscription.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from deploy.books.suitability import level_of

Inputs = Mapping[str, Any]

SUBSCRIPTION = "SUBSCRIPTION"
#: Of these a recording is kept; the others are logged as transactions.
RECORDED = frozenset({SUBSCRIPTION, "TOP_UP", "CONVERSION", "PLAN"})

ROLLED, HELD, INHERITED = frozenset({"TXN-01", "TXN-02"}), frozenset({"TXN-03"}), frozenset({"TXN-04"})
OWN = ROLLED | HELD | INHERITED
#: Who sold, where, when, what was said and recorded.
PLACE = frozenset({"ZON-01", "ZON-03", "ZON-05", "ZON-06", "ZON-08", "ZON-09"})
WORDS = frozenset({"REC-01", "REC-02", "REC-04", "SUI-02", "SUI-05", "SUI-07", "SUI-15", "PRD-08"})
TALK = (
    PLACE
    | WORDS
    | {"HRS-01", "SAL-01", "SAL-02", "SAL-10", "INT-ASSISTANCE", "INT-PRESENTER", "INT-TRAINING", "INT-SIDES"}
)
WHO = frozenset({"INT-AUTHORITY", "INT-COMPANY", "INT-JOINT"})
#: Decided when a plan is set up.
ONCE = frozenset(
    {
        "INT-HOLDERS",
        "INT-INVESTOR",
        "SAL-08",
        "FEE-01",
        "FEE-02",
        "SUI-14",
        "SUI-16",
        "SUI-18",
        "SUI-19",
        "SUI-21",
    }
)
#: The rules that alone are asked of what takes money out, or passes by law.
OUT = {"REDEMPTION": HELD | WHO | {"AML-01"}, "SUCCESSION": INHERITED | WHO | {"AML-01"}}
ADDED = {"TOP_UP": HELD, "CONVERSION": HELD, "ROLLOVER": ROLLED | HELD}
SPARED = {"DEBIT": TALK | ONCE | WHO, "ROLLOVER": TALK}


def kind_of(inputs: Inputs) -> str:
    """The kind of transaction that was decided on."""
    told = inputs.get("transaction")
    return str(told["kind"]) if told else SUBSCRIPTION


def not_asked(inputs: Inputs, rules: frozenset[str]) -> frozenset[str]:
    """Which of these rules are not asked of the transaction."""
    kind = kind_of(inputs)
    if kind in OUT:
        return rules - OUT[kind]
    return rules & (SPARED.get(kind, frozenset()) | OWN - ADDED.get(kind, frozenset()))


def _told(inputs: Inputs, name: str) -> Any:
    return (inputs.get("transaction") or {}).get(name)


def _before(inputs: Inputs, instant: str) -> bool:
    return datetime.fromisoformat(instant) <= datetime.fromisoformat(inputs["decided_at"])


def _consented(inputs: Inputs) -> bool:
    consent = _told(inputs, "rollover_consent")
    return bool(consent) and consent["given"] is True and _before(inputs, consent["at"])


def _no_riskier(inputs: Inputs) -> bool:
    holding = _told(inputs, "holding")
    if not holding or holding["level"] is None or not inputs["product"]:
        return False
    level = level_of(inputs)
    return level is not None and level <= holding["level"]


def _his(inputs: Inputs) -> bool:
    holding = _told(inputs, "holding")
    return bool(holding) and holding["own"] is not False


def _heir(inputs: Inputs) -> bool:
    heir = _told(inputs, "heir")
    return bool(heir) and _before(inputs, heir["at"])


RULES: Mapping[str, Callable[[Inputs], bool]] = {
    "TXN-01": _consented,
    "TXN-02": _no_riskier,
    "TXN-03": _his,
    "TXN-04": _heir,
}
