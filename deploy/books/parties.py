"""Who takes part in a sale, read a second time: the bank's own rules as they hold since 2026-02-01.

Written from the rules' texts, not from the services' code. A missing fact breaks every rule that needs it.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from deploy.books.law import legal_date, months_later
from deploy.books.suitability import GRADED, level_of

Inputs = Mapping[str, Any]

NEEDS_AUTHORITY = frozenset({"AGENT", "GUARDIAN", "INTERPRETER", "SIGNATORY"})
VALID_MONTHS = 12


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _today(inputs: Inputs) -> date:
    return legal_date(_at(inputs["decided_at"]))


def _declared(inputs: Inputs, *roles: str) -> list[Inputs]:
    return [one for one in inputs["parties"]["declared"] if one["role"] in roles]


def _people(inputs: Inputs, *roles: str) -> set[str]:
    return {one["person_id"] for one in _declared(inputs, *roles)}


def _authorised(inputs: Inputs) -> bool:
    if not inputs.get("parties"):
        return False
    if _people(inputs, "AGENT") and not _people(inputs, "PRINCIPAL"):
        return False
    return all(_in_force(inputs, one["authority"]) for one in _declared(inputs, *NEEDS_AUTHORITY))


def _in_force(inputs: Inputs, paper: Inputs | None) -> bool:
    if not paper:
        return False
    kinds = paper["product_kinds"]
    if kinds is not None and (not inputs["product"] or inputs["product"]["kind"] not in kinds):
        return False
    first, last = (date.fromisoformat(paper[name]) for name in ("valid_from", "valid_until"))
    return first <= _today(inputs) <= last


def presented(inputs: Inputs, is_seller: Callable[[Inputs], bool]) -> bool:
    """Whether everybody who presents would do as the seller, by what is asked of one."""
    if not inputs.get("parties"):
        return False
    sellers = {one["person_id"]: one for one in inputs["parties"]["presenters"]}
    ours = (inputs["seller"] or {}).get("seller_id")
    for person in _people(inputs, "PRESENTER") - {ours}:
        known = sellers.get(person)
        if not known or not is_seller({**inputs, "seller": known["seller"], "alerts": known["alerts"]}):
            return False
    return True


def _apart(inputs: Inputs) -> bool:
    if not inputs.get("parties") or inputs["parties"]["on_both_sides"]:
        return False
    selling = _people(inputs, "PRESENTER", "OPERATOR")
    if inputs["seller"]:
        selling.add(inputs["seller"]["seller_id"])
    return not selling & _people(inputs, "APPROVER")


def _jointly(inputs: Inputs) -> bool:
    parties = inputs.get("parties")
    if not parties:
        return False
    if not parties["account_stated"]:
        return parties["holds_jointly"] is False
    if parties["account_id"] is None:
        return True
    account = parties["account"]
    if not account or account["closed"]:
        return False
    holders = {one["customer_id"] for one in account["holders"]}
    came = (_people(inputs, "JOINT_HOLDER") | {inputs["customer_id"]}) & holders
    return bool(len(came) >= account["required"])


def _holders_suited(inputs: Inputs) -> bool:
    parties = inputs.get("parties")
    if not parties:
        return False
    # Whose account it is, and whether it pays at all, is the mandate's to ask.
    holders = parties["account"]["holders"] if parties["account"] else ()
    others = [one for one in holders if one["customer_id"] != inputs["customer_id"]]
    return all(_holder_suits(inputs, one["assessment"]) for one in others)


def _holder_suits(inputs: Inputs, assessment: Inputs | None) -> bool:
    """Whether the holder's own assessment counts, and reaches the product's level."""
    if not assessment or assessment["level"] is None:
        return False
    completed, decided = _at(assessment["completed_at"]), _at(inputs["decided_at"])
    changed, confirmed = assessment["change_reported_at"], assessment["level_confirmed_at"]
    if completed >= decided or _today(inputs) > months_later(legal_date(completed), VALID_MONTHS):
        return False
    if changed and completed <= _at(changed) <= decided:
        return False
    differs = assessment["level_before"] not in (None, assessment["level"])
    if differs and not (confirmed and _at(confirmed) <= decided):
        return False
    if not inputs["product"]:
        return False
    level = level_of(inputs)
    return inputs["product"]["kind"] not in GRADED if level is None else level <= assessment["level"]


def _company_signed(inputs: Inputs) -> bool:
    customer = inputs.get("customer")
    if not inputs.get("parties") or not customer:
        return False
    if customer.get("legal_form") != "COMPANY":
        return True
    return any(_signed(inputs, one) for one in inputs["parties"]["resolutions"])


def _company_classified(inputs: Inputs) -> bool:
    customer = inputs.get("customer")
    if not customer or customer.get("legal_form") != "COMPANY":
        return bool(customer)
    investor = customer["investor"]
    if not investor:
        return False
    until = investor["valid_until"]
    if investor["investor_class"] == "ORDINARY":
        return True
    return bool(until) and date.fromisoformat(until) >= _today(inputs)


def _signed(inputs: Inputs, resolution: Inputs) -> bool:
    """Whether the one signs whom this resolution names, on its paper, today and within what it leaves."""
    if not any(
        one["person_id"] == resolution["signatory_id"]
        and one["authority"]
        and one["authority"]["document_id"] == resolution["document_id"]
        for one in _declared(inputs, "SIGNATORY")
    ):
        return False
    first, last = (date.fromisoformat(resolution[name]) for name in ("resolved_on", "valid_until"))
    if not first <= _today(inputs) <= last or resolution["currency"] != inputs["currency"]:
        return False
    return bool(resolution["used_minor"] + inputs["amount_minor"] <= resolution["limit_minor"])


def _assisted(inputs: Inputs) -> bool:
    customer, parties = inputs.get("customer"), inputs.get("parties")
    if not parties or not customer:
        return False
    needs, done = customer.get("needs") or [], parties["assistance"]
    call, decided = done["call_back"], _at(inputs["decided_at"])
    met = {
        "READING_ALOUD": bool(done["read_aloud_at"]) and _at(done["read_aloud_at"]) <= decided,
        "THUMBPRINT": bool(done["thumbprint_at"]) and _at(done["thumbprint_at"]) <= decided,
        "INTERPRETER": bool(_people(inputs, "INTERPRETER")),
        "CALL_BACK": bool(call) and _at(call["at"]) <= decided and call["independent"] is True,
    }
    return all(met[need] for need in needs) and (not call or call["confirmed"] is True)


RULES: Mapping[str, Callable[[Inputs], bool]] = {
    "INT-AUTHORITY": _authorised,
    "INT-SIDES": _apart,
    "INT-JOINT": _jointly,
    "INT-HOLDERS": _holders_suited,
    "INT-COMPANY": _company_signed,
    "INT-INVESTOR": _company_classified,
    "INT-ASSISTANCE": _assisted,
}
