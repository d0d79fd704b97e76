"""Rules of the gate about customers who are more than one person: joint accounts, companies."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from compliance.periods.domain import legal_date
from compliance.rulebook.customer_facts import InvestorClass, InvestorFacts
from compliance.rulebook.domain import (
    PASS,
    Check,
    Finding,
    NoParameters,
    PureCheck,
    Verdict,
    codes_of,
    fail,
    unknown,
)
from compliance.rulebook.facts import SaleFacts
from compliance.rulebook.party_facts import AccountFacts, PartiesFacts, PartyRole, ResolutionFacts
from compliance.rulebook.suitability_rules import (
    GradedKinds,
    ValidMonths,
    assessment_valid,
    customer_assessed,
    level_confirmed,
    level_suits,
)


@dataclass(frozen=True, kw_only=True)
class Holders(GradedKinds, ValidMonths):
    """What SUI-03 and SUI-12 ask of a customer, asked of every holder."""


def mandate_kept(facts: SaleFacts, parameters: NoParameters) -> Verdict:
    """INT-JOINT: as many holders as the mandate asks for take part, the customer himself or by an agent."""
    code, parties = "HOLDER_MISSING", facts.parties
    if parties is None:
        return unknown(code, "parties")
    if not parties.account_stated:
        return fail("ACCOUNT_NOT_STATED") if parties.holds_jointly else PASS
    if parties.account_id is None:
        return PASS
    if parties.account is None:
        return unknown(code, "parties.account")
    if parties.account.closed:
        return fail("ACCOUNT_NOT_STATED", "closed")
    return Verdict(tuple(_absent(facts, parties, parties.account)))


def holders_suited(facts: SaleFacts, parameters: Holders) -> Verdict:
    """INT-HOLDERS: the product suits the strictest of the holders; the customer's own level is SUI-03's."""
    if facts.parties is None:
        return unknown("HOLDER_NOT_ASSESSED", "parties")
    account = facts.parties.account
    return PASS if account is None else Verdict(tuple(_unsuited(facts, account, parameters)))


def _absent(facts: SaleFacts, parties: PartiesFacts, account: AccountFacts) -> Iterator[Finding]:
    came = {facts.customer_id} | {party.person_id for party in parties.of(PartyRole.JOINT_HOLDER)}
    present = len(came & {holder.customer_id for holder in account.holders})
    if present < account.required:
        details = {"required": (str(account.required),), "present": (str(present),)}
        yield Finding(code="HOLDER_MISSING", reason="few", details=details)


def _unsuited(facts: SaleFacts, account: AccountFacts, asked: Holders) -> Iterator[Finding]:
    """The other holders, each judged as the customer is; of those whom it does not suit the strictest."""
    others = [
        replace(facts, customer_id=holder.customer_id, assessment=holder.assessment)
        for holder in account.holders
        if holder.customer_id != facts.customer_id
    ]
    ready = [
        other
        for other in others
        if customer_assessed(other, NoParameters()).passed
        and assessment_valid(other, asked).passed
        and level_confirmed(other, NoParameters()).passed
    ]
    if len(ready) < len(others):
        yield Finding(code="HOLDER_NOT_ASSESSED")
    strictest = min(ready, key=_level, default=None)
    for finding in () if strictest is None else level_suits(strictest, asked).findings:
        code = "HOLDER_LEVEL_MISMATCH"
        yield Finding(code=code, reason=finding.reason, details=finding.details, missing=finding.missing)


def _level(facts: SaleFacts) -> int:
    assert facts.assessment is not None
    assert facts.assessment.level is not None
    return facts.assessment.level


def company_signed(facts: SaleFacts, parameters: NoParameters) -> Verdict:
    """INT-COMPANY: somebody signs for a company whom a resolution in force names, for as much as is left."""
    code, parties, customer = "SIGNATORY_MISSING", facts.parties, facts.customer
    if parties is None or customer is None:
        return unknown(code, "customer" if customer is None else "parties")
    return Verdict(tuple(_unsigned(facts, parties))) if customer.is_company else PASS


def company_classified(facts: SaleFacts, parameters: NoParameters) -> Verdict:
    """INT-INVESTOR: what kind of investor a company is has been stated, and has not run out (SUI-17)."""
    if facts.customer is None:
        return unknown("INVESTOR_STATUS_MISSING", "customer")
    if not facts.customer.is_company:
        return PASS
    return Verdict(tuple(_status_flaws(facts, facts.customer.investor)))


#: Amounts are shown in whole units, with the two places of a minor one.
MINOR_EXPONENT = -2

#: Why a resolution does not bind the company, nearest to one that does first.
RESOLUTION_FLAWS = ("exceeded", "currency", "over", "early")


def _unsigned(facts: SaleFacts, parties: PartiesFacts) -> Iterator[Finding]:
    signatories = parties.of(PartyRole.SIGNATORY)
    if not signatories:
        yield Finding(code="SIGNATORY_MISSING", reason="none")
        return
    papers = {(one.person_id, one.authority.document_id) for one in signatories if one.authority is not None}
    named = [one for one in parties.resolutions if (one.signatory_id, one.document_id) in papers]
    flaws = [_resolution_flaw(facts, one) for one in named]
    if not named:
        yield Finding(code="RESOLUTION_MISSING")
    elif all(flaws):
        yield _shown(*min(zip(flaws, named, strict=True), key=lambda pair: RESOLUTION_FLAWS.index(pair[0])))


def _resolution_flaw(facts: SaleFacts, resolution: ResolutionFacts) -> str:
    """Why the resolution does not bind, by the names of :data:`RESOLUTION_FLAWS`; empty: it does."""
    day = legal_date(facts.decided_at)
    if day < resolution.resolved_on:
        return "early"
    if day > resolution.valid_until:
        return "over"
    if facts.currency != resolution.currency:
        return "currency"
    left = resolution.limit_minor - resolution.used_minor
    return "" if facts.amount_minor <= left else "exceeded"


def _shown(reason: str, resolution: ResolutionFacts) -> Finding:
    days = {"over": resolution.valid_until, "early": resolution.resolved_on}
    if reason in days:
        details = {"day": (days[reason].isoformat(),)}
        return Finding(code="RESOLUTION_MISSING", reason=reason, details=details)
    if reason == "currency":
        return Finding(code="RESOLUTION_EXCEEDED", reason=reason, details={"stated": (resolution.currency,)})
    return Finding(code="RESOLUTION_EXCEEDED", details={"left": (_left(resolution),)})


def _left(resolution: ResolutionFacts) -> str:
    left = Decimal(resolution.limit_minor - resolution.used_minor).scaleb(MINOR_EXPONENT)
    return f"{resolution.currency} {left:,}"


def _status_flaws(facts: SaleFacts, investor: InvestorFacts | None) -> Iterator[Finding]:
    code = "INVESTOR_STATUS_MISSING"
    if investor is None:
        yield Finding(code=code, missing=("customer.investor",))
    elif investor.investor_class is not InvestorClass.ORDINARY and (
        investor.valid_until is None or investor.valid_until < legal_date(facts.decided_at)
    ):
        yield Finding(code=code, reason="over")


MANDATE = codes_of("HOLDER_MISSING", few=("required", "present")) | codes_of("ACCOUNT_NOT_STATED", "closed")
SUITED = codes_of("HOLDER_NOT_ASSESSED") | codes_of("HOLDER_LEVEL_MISMATCH", above=("product", "customer"))
SIGNED = (
    codes_of("SIGNATORY_MISSING", "none")
    | codes_of("RESOLUTION_MISSING", over=("day",), early=("day",))
    | {"RESOLUTION_EXCEEDED": ("left",), "RESOLUTION_EXCEEDED/currency": ("stated",)}
)
CLASSIFIED = codes_of("INVESTOR_STATUS_MISSING", "over")

CHECKS: tuple[Check[SaleFacts], ...] = (
    PureCheck("sale.mandate_kept.v1", MANDATE, NoParameters, mandate_kept),
    PureCheck("sale.holders_suited.v1", SUITED, Holders, holders_suited),
    PureCheck("sale.company_signed.v1", SIGNED, NoParameters, company_signed),
    PureCheck("sale.company_classified.v1", CLASSIFIED, NoParameters, company_classified),
)
