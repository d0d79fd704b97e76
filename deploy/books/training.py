"""SAL-10 read again: has the seller learnt enough, sold long enough, and a clean record; who presents, too.

Written from the rules' texts, as they hold since 2026-02-01; where nothing is known, a rule is broken.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from deploy.books.law import legal_date, months_later
from deploy.books.parties import presented

Inputs = Mapping[str, Any]

#: Hours of special training within twelve months, by what is sold; the course bears the product's name.
HOURS: Mapping[str, int] = {"INVESTMENT_INSURANCE": 40, "WEALTH": 20}
#: What is sold by people of some experience and without a bad record only.
SEASONED = frozenset({"INVESTMENT_INSURANCE"})
YEAR = 12


def _trained(inputs: Inputs) -> bool:
    if not inputs["product"]:
        return False
    kind = inputs["product"]["kind"]
    if kind not in HOURS:
        return True
    known = (inputs["seller"] or {}).get("preparation")
    if not known:
        return False
    today = legal_date(datetime.fromisoformat(inputs["decided_at"]))
    minutes = sum(one["minutes"] for one in known["trainings"] if one["kind"] == kind and _recent(one, today))
    return minutes >= 60 * HOURS[kind] and (kind not in SEASONED or _seasoned(known, today))


def _presenters_trained(inputs: Inputs) -> bool:
    if inputs["product"] and inputs["product"]["kind"] not in HOURS:
        return True
    return presented(inputs, _trained)


def _recent(training: Inputs, today: date) -> bool:
    completed = date.fromisoformat(training["completed_on"])
    return completed <= today <= months_later(completed, YEAR)


def _seasoned(known: Inputs, today: date) -> bool:
    since = known["selling_since"]
    return bool(since) and today > months_later(date.fromisoformat(since), YEAR) and not known["bad_records"]


RULES: Mapping[str, Callable[[Inputs], bool]] = {"SAL-10": _trained, "INT-TRAINING": _presenters_trained}
