"""The gate read a second time: which rules the stored inputs of a decision break.

Written from the rules' texts, not from the services' code, as they hold since 2026-02-01. A missing fact
breaks every rule that needs it; what a decision was not asked for is the caller's to leave out.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from deploy.books import footage, hours, matrix, parties, suitability, training
from deploy.books.law import UNCONFIRMED, legal_date, months_later

Inputs = Mapping[str, Any]

GRADED = frozenset({"WEALTH", "FUND", "SECURITIES", "TRUST", "INVESTMENT_INSURANCE"})
#: AGY-01: no financial institution issues them; AGY-05: from this level on a product counts as high risk.
NOT_OF_INSTITUTIONS = frozenset({"GOV_BOND", "PHYSICAL_METAL"})
FINANCIAL_REGULATORS = frozenset({"PBC", "NFRA", "CSRC"})
HIGH_RISK = 4
SEGMENTS = ("PITCH", "RISK_DISCLOSURE", "KEY_INFO", "CONFIRMATION", "FEEDBACK")
CHECKLIST = ("zone_sign", "product_check_reminder", "risk_warning", "report_hotline", "product_list")
ASSESSMENT_MONTHS = 12
#: Insurance of a longer term is recorded at a terminal too.
INSURED, RECORDED_ABOVE_MONTHS = frozenset({"INSURANCE", "INVESTMENT_INSURANCE"}), 12
TERMINAL = "SELF_SERVICE"
#: A recorder works while its last sign of life is at most so old, and its clock at most so wrong.
RECORDER_AGE, RECORDER_OFFSET_MS = timedelta(seconds=300), 5000
COVERED_BY: Mapping[str, frozenset[str]] = {
    "WEALTH": frozenset({"WEALTH"}),
    "FUND": frozenset({"AGENCY_FUND"}),
    "SECURITIES": frozenset({"AGENCY_SECURITIES"}),
    "TRUST": frozenset({"AGENCY_TRUST"}),
    "INSURANCE": frozenset({"AGENCY_INSURANCE"}),
    "INVESTMENT_INSURANCE": frozenset({"AGENCY_INSURANCE"}),
    "GOV_BOND": frozenset({"WEALTH", "GOV_BOND"}),
    "PHYSICAL_METAL": frozenset({"WEALTH", "PHYSICAL_METAL"}),
}


def broken(inputs: Inputs) -> set[str]:
    """The rules that the inputs break or leave unjudged; empty: the transaction may be logged."""
    found = {rule for rule, holds in RULES.items() if not holds(inputs)}
    kind = _kind(inputs)
    if kind in UNCONFIRMED and matrix.kind_of(inputs) in matrix.RECORDED:
        found.add("REC-15")
    exempt = set() if kind is None or kind in GRADED else {"PRD-07", "PRD-08", "SUI-05"}
    found -= matrix.not_asked(inputs, frozenset(RULES))
    return found - (exempt | {"AGY-01"} if kind in NOT_OF_INSTITUTIONS else exempt)


def _kind(inputs: Inputs) -> str | None:
    return inputs["product"]["kind"] if inputs["product"] else None


def _level(inputs: Inputs) -> int | None:
    product = inputs["product"]
    return max((n for n in (product["issuer_level"], product["bank_level"]) if n is not None), default=None)


def _listed(inputs: Inputs) -> bool:
    product = inputs["product"]
    if not product or product["status"] != "ON_SALE":
        return False
    window, at = product.get("window") or {}, _decided(inputs)
    begins, ends = window.get("offered_from"), window.get("offered_until")
    return not (begins and at < _at(begins)) and not (ends and at >= _at(ends))


def _graded(inputs: Inputs) -> bool:
    product = inputs["product"]
    if not product or product["bank_level"] is None:
        return False
    if product["origin"] == "AGENCY" and product["issuer_level"] is None:
        return False
    levels = (product["bank_level"], product["issuer_level"])
    return all(1 <= level <= 5 for level in levels if level is not None)


def _inside_zone(inputs: Inputs) -> bool:
    zone, seller = inputs["zone"], inputs["seller"]
    if not zone or not seller or zone["outlet_id"] != seller["outlet_id"]:
        return False
    return zone["state"] in {"ACTIVE", "SUSPENDED"}


def _zone_ready(inputs: Inputs) -> bool:
    zone = inputs["zone"]
    if not zone or not zone["checklist"] or zone["state"] == "SUSPENDED":
        return False
    if _at(zone["checklist"]["inspected_at"]) > _decided(inputs):
        return False
    return all(zone["checklist"][item] is True for item in CHECKLIST)


def _own_staff(inputs: Inputs) -> bool:
    return bool(inputs["seller"]) and inputs["seller"].get("employer") == "bank"


def _unassisted(inputs: Inputs) -> bool:
    told = inputs.get("terminal") or {}
    by_himself = told.get("staff_assisted") is False and told.get("risk_page_shown") is True
    return by_himself or inputs.get("channel") != TERMINAL


def _terminal_recorded(inputs: Inputs) -> bool:
    if inputs.get("channel") != TERMINAL or inputs["recordings"]:
        return True
    product = inputs["product"]
    if not product:
        return False
    term = product["term_months"]
    short = term is not None and term <= RECORDED_ABOVE_MONTHS
    return short or product["kind"] not in INSURED


def _recorder_worked(inputs: Inputs) -> bool:
    recorders = (inputs["zone"] or {}).get("recorders") or ()
    begins = [_at(recording["started_at"]) for recording in inputs["recordings"]]
    return bool(begins) and all(any(_worked(one, at) for one in recorders) for at in begins)


def _worked(recorder: Mapping[str, Any], at: datetime) -> bool:
    if not recorder["began_at"] or not recorder["heard_at"] or recorder["offset_ms"] is None:
        return False
    if not _at(recorder["began_at"]) <= at <= _at(recorder["heard_at"]) + RECORDER_AGE:
        return False
    return abs(int(recorder["offset_ms"])) <= RECORDER_OFFSET_MS


def _recorded(inputs: Inputs) -> bool:
    if len(inputs["recordings"]) != 1:
        return False
    (recording,) = inputs["recordings"]
    if not recording["sealed_at"] or not recording["manifest"]:
        return False
    mine = all(recording[name] == inputs[name] for name in ("customer_id", "session_id"))
    in_time = _at(recording["sealed_at"]) < _decided(inputs)
    return mine and in_time and recording["has_picture"] is True and recording["has_sound"] is True


def _segmented(inputs: Inputs) -> bool:
    for recording in inputs["recordings"]:
        begins: dict[str, int] = {}
        for segment in recording["segments"]:
            if not 0 <= segment["starts_ms"] < segment["ends_ms"] <= recording["duration_ms"]:
                return False
            begins[segment["kind"]] = min(segment["starts_ms"], begins.get(segment["kind"], 2**53))
        if not begins.keys() >= set(SEGMENTS):
            return False
        order = [begins[kind] for kind in SEGMENTS]
        if sorted(set(order)) != order:
            return False
    return bool(inputs["recordings"])


def _consented(inputs: Inputs) -> bool:
    consent = inputs["consent"]
    if not consent or not inputs["recordings"] or consent["given"] is not True:
        return False
    if any(consent[name] != inputs[name] for name in ("customer_id", "session_id")):
        return False
    if consent["withdrawn_at"] and _at(consent["withdrawn_at"]) <= _decided(inputs):
        return False
    return all(_at(consent["at"]) <= _at(recording["started_at"]) for recording in inputs["recordings"])


def _assessed(inputs: Inputs) -> bool:
    assessment = inputs["assessment"]
    if not assessment or assessment["level"] is None or assessment["customer_id"] != inputs["customer_id"]:
        return False
    return _at(assessment["completed_at"]) < _decided(inputs)


def _suits(inputs: Inputs) -> bool:
    if not inputs["product"]:
        return False
    level = _level(inputs)
    if level is None:
        return _kind(inputs) not in GRADED
    assessment = inputs["assessment"]
    return bool(assessment) and assessment["level"] is not None and level <= assessment["level"]


def _assessment_valid(inputs: Inputs) -> bool:
    assessment = inputs["assessment"]
    if not assessment:
        return False
    completed = _at(assessment["completed_at"])
    if legal_date(_decided(inputs)) > months_later(legal_date(completed), ASSESSMENT_MONTHS):
        return False
    changed = assessment["change_reported_at"]
    return not changed or not completed <= _at(changed) <= _decided(inputs)


def _level_confirmed(inputs: Inputs) -> bool:
    assessment = inputs["assessment"]
    if not assessment or assessment["level"] is None:
        return False
    # Decisions of before the rule do not know of a level before.
    if assessment.get("level_before") in (None, assessment["level"]):
        return True
    confirmed = assessment["level_confirmed_at"]
    return bool(confirmed) and _at(confirmed) <= _decided(inputs)


def _matched(inputs: Inputs) -> bool:
    product, assessment, opinion = inputs["product"], inputs["assessment"], inputs.get("opinion")
    if not product or _level(inputs) is None or not assessment or assessment["level"] is None or not opinion:
        return False
    if opinion["assessment_id"] != assessment["assessment_id"]:
        return False
    return opinion["customer_level"] == assessment["level"] and _seen(inputs, opinion)


def _rematched(inputs: Inputs) -> bool:
    opinion = inputs.get("opinion")
    if not inputs["product"] or _level(inputs) is None or not opinion:
        return False
    return bool(opinion["product_level"] == _level(inputs))


def _disclosed(inputs: Inputs) -> bool:
    disclosure = inputs.get("disclosure")
    return disclosure is not None and _seen(inputs, disclosure)


def _seen(inputs: Inputs, paper: Inputs) -> bool:
    return bool(paper["acknowledged_at"]) and _at(paper["acknowledged_at"]) <= _decided(inputs)


def _assessed_first(inputs: Inputs) -> bool:
    if not inputs["assessment"] or not inputs["recordings"]:
        return False
    completed = _at(inputs["assessment"]["completed_at"])
    return all(
        completed < _at(recording["started_at"]) + timedelta(milliseconds=segment["starts_ms"])
        for recording in inputs["recordings"]
        for segment in recording["segments"]
        if segment["kind"] == "CONFIRMATION"
    )


def _qualified(inputs: Inputs) -> bool:
    kind = _kind(inputs)
    if inputs["staffing_fresh"] is not True or kind is None or not inputs["seller"]:
        return False
    day, at = legal_date(_decided(inputs)), _decided(inputs)
    return any(
        held["kind"] in COVERED_BY[kind]
        and not (held["revoked_at"] and _at(held["revoked_at"]) <= at)
        and not (held["suspended_at"] and _at(held["suspended_at"]) <= at)
        and date.fromisoformat(held["valid_from"]) <= day
        and (held["valid_until"] is None or day <= date.fromisoformat(held["valid_until"]))
        for held in inputs["seller"]["qualifications"]
    )


def _unsuspected(inputs: Inputs) -> bool:
    return inputs.get("alerts") == []


def _presented(inputs: Inputs) -> bool:
    """Everybody who presents the product satisfies what is asked of its seller."""
    asked = (_qualified, _own_staff, _unsuspected)
    return parties.presented(inputs, lambda one: all(holds(one) for holds in asked))


def _fees_told(inputs: Inputs) -> bool:
    return isinstance(inputs.get("fees"), list) and all(_told(inputs, fee["quote"]) for fee in inputs["fees"])


def _told(inputs: Inputs, quote: Inputs | None) -> bool:
    if not quote or any(quote[name] != inputs[name] for name in ("customer_id", "amount_minor", "currency")):
        return False
    return quote["current"] is True and _decided(inputs) < _at(quote["expires_at"])


def _fees_agreed(inputs: Inputs) -> bool:
    if not isinstance(inputs.get("fees"), list):
        return False
    agreed = [fee["quote"]["confirmed_at"] if fee["quote"] else None for fee in inputs["fees"]]
    return all(at and _at(at) <= _decided(inputs) for at in agreed)


def _of_own(inputs: Inputs) -> bool:
    """Whether the product is the bank's own: of those agency business asks nothing."""
    return bool(inputs["product"]) and inputs["product"]["origin"] == "OWN"


def _partner_licensed(inputs: Inputs) -> bool:
    if _of_own(inputs):
        return True
    partner, day = inputs.get("partner"), legal_date(_decided(inputs))
    if not inputs["product"] or not partner or partner["authority"] not in FINANCIAL_REGULATORS:
        return False
    ends = partner["licence_to"]
    begun = date.fromisoformat(partner["licence_from"]) <= day
    return begun and (ends is None or day <= date.fromisoformat(ends))


def _partner_listed(inputs: Inputs) -> bool:
    if _of_own(inputs):
        return True
    product, partner = inputs["product"], inputs.get("partner")
    if not product or not partner or partner["state"] != "LISTED":
        return False
    return product["kind"] in partner["kinds"]


def _in_system(inputs: Inputs) -> bool:
    return _of_own(inputs) or (bool(inputs["product"]) and inputs.get("entry_mode") == "SYSTEM")


def _admitted(inputs: Inputs) -> bool:
    if _of_own(inputs):
        return True
    product = inputs["product"]
    if not product or product.get("partner_id") is None or not product.get("admission"):
        return False
    admission, level = product["admission"], _level(inputs)
    wanted = {"COMPLIANCE"}
    if product["kind"] == "TRUST" or product.get("offering") != "PUBLIC" or (level or 0) >= HIGH_RISK:
        wanted.add("SENIOR_MANAGEMENT")
    of_this_partner = admission["partner_id"] == product["partner_id"]
    return of_this_partner and admission["rejected"] is False and wanted <= set(admission["approvals"])


def _cleared(inputs: Inputs) -> bool:
    check = inputs.get("check")
    if not check:
        return False
    through = check["cleared_through"]
    return through is None or legal_date(_decided(inputs)) <= date.fromisoformat(through)


def _by_himself(inputs: Inputs) -> bool:
    hands = inputs.get("hands")
    if not hands or hands["buys_himself"] is not False:
        return False
    return hands["assessed"] in {None, "CUSTOMER", "SYSTEM"} and hands["consented"] in {None, "CUSTOMER"}


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _decided(inputs: Inputs) -> datetime:
    return _at(inputs["decided_at"])


RULES: Mapping[str, Callable[[Inputs], bool]] = {
    "PRD-01": _listed,
    "PRD-07": _graded,
    "ZON-01": _inside_zone,
    "ZON-03": _zone_ready,
    "ZON-05": _own_staff,
    "ZON-06": _recorder_worked,
    "ZON-08": _unassisted,
    "ZON-09": _terminal_recorded,
    "REC-01": lambda inputs: (
        _recorded(inputs) and footage.went_on(inputs) and footage.allowed_from_afar(inputs)
    ),
    "REC-02": lambda inputs: _segmented(inputs) and footage.speaks_of_now(inputs),
    "REC-04": _consented,
    "SUI-01": _assessed,
    "SUI-02": _disclosed,
    "SUI-03": _suits,
    "SUI-05": _matched,
    "SUI-07": _assessed_first,
    "PRD-08": _rematched,
    "SUI-11": _level_confirmed,
    "SUI-12": _assessment_valid,
    "SAL-01": _qualified,
    "SAL-02": _unsuspected,
    "AML-01": _cleared,
    "SAL-08": _by_himself,
    "FEE-01": _fees_told,
    "FEE-02": _fees_agreed,
    "AGY-01": _partner_licensed,
    "AGY-03": _in_system,
    "AGY-04": _partner_listed,
    "AGY-05": _admitted,
    "INT-PRESENTER": _presented,
    **suitability.RULES,
    **parties.RULES,
    **training.RULES,
    **hours.RULES,
    **matrix.RULES,
}
