"""Rules of the gate about who takes part: authority, presenters, the two sides, what a customer needs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from compliance.periods.domain import legal_date
from compliance.rulebook.customer_facts import Need
from compliance.rulebook.domain import (
    Check,
    Finding,
    NoParameters,
    PureCheck,
    Verdict,
    codes_of,
    unknown,
)
from compliance.rulebook.facts import SaleFacts
from compliance.rulebook.party_facts import (
    AUTHORISED_ROLES,
    AssistanceFacts,
    PartiesFacts,
    PartyFacts,
    PartyRole,
    PresenterFacts,
)
from compliance.rulebook.seller_rules import (
    SELLER_FLAWS,
    Coverage,
    OwnStaff,
    Preparations,
    own_staff,
    seller_qualified,
    seller_trained,
    seller_unsuspected,
)


def authority_holds(facts: SaleFacts, parameters: NoParameters) -> Verdict:
    """INT-AUTHORITY: who acts or speaks for the customer may do so today, and for this product.

    With an agent the principal is identified as well: it is his purchase.
    """
    code = "AUTHORITY_MISSING"
    if facts.parties is None:
        return unknown(code, "parties")
    day, kind = legal_date(facts.decided_at), facts.product_kind
    findings = [
        finding
        for party in facts.parties.of(*AUTHORISED_ROLES)
        for finding in _authority_flaws(party, day, kind)
    ]
    if facts.parties.of(PartyRole.AGENT) and not facts.parties.of(PartyRole.PRINCIPAL):
        findings.append(Finding(code="PRINCIPAL_NOT_IDENTIFIED"))
    return Verdict(tuple(findings))


def _authority_flaws(party: PartyFacts, day: date, kind: str | None) -> Iterator[Finding]:
    authority, role = party.authority, {"role": (f"party.{party.role}",)}
    if authority is None:
        yield Finding(code="AUTHORITY_MISSING", reason="none", details=role)
        return
    if day < authority.valid_from:
        details = role | {"day": (authority.valid_from.isoformat(),)}
        yield Finding(code="AUTHORITY_NOT_YET_VALID", details=details)
    if day > authority.valid_until:
        yield Finding(code="AUTHORITY_EXPIRED", details=role | {"day": (authority.valid_until.isoformat(),)})
    if authority.product_kinds is None:
        return
    if kind is None:
        yield Finding(code="AUTHORITY_MISSING", missing=("product",))
    elif kind not in authority.product_kinds:
        yield Finding(code="AUTHORITY_TOO_NARROW", details=role | {"kind": (kind,)})


@dataclass(frozen=True, kw_only=True)
class PitchedBy(Coverage, OwnStaff):
    """What SAL-01 and ZON-05 ask of a seller, asked of everybody who pitches."""


def presenters_qualified(facts: SaleFacts, parameters: PitchedBy) -> Verdict:
    """INT-PRESENTER: whoever presents the product satisfies SAL-01, SAL-02 and ZON-05 as a seller does."""
    code = "PRESENTER_NOT_QUALIFIED"
    if facts.parties is None:
        return unknown(code, "parties")
    pitched = _pitched(facts, facts.parties)
    return Verdict(
        tuple(finding for one in pitched for finding in _pitcher_flaws(facts, one, parameters, code))
    )


def presenters_trained(facts: SaleFacts, parameters: Preparations) -> Verdict:
    """INT-TRAINING: whoever presents the product satisfies SAL-10 as a seller does."""
    code = "PRESENTER_NOT_TRAINED"
    if facts.parties is None:
        return unknown(code, "parties")
    findings = []
    for presenter in _pitched(facts, facts.parties):
        if presenter is None or presenter.seller is None:
            findings.append(Finding(code=code, missing=("parties.presenters",)))
            continue
        for found in seller_trained(replace(facts, seller=presenter.seller), parameters).findings:
            missing = tuple(
                f"parties.presenters.{name}" if name.startswith("seller.") else name for name in found.missing
            )
            findings.append(replace(found, code=code, missing=missing))
    return Verdict(tuple(findings))


def _pitched(facts: SaleFacts, parties: PartiesFacts) -> list[PresenterFacts | None]:
    """Who presents beside the seller, by id; None for one of whom nothing is known."""
    ours = None if facts.seller is None else facts.seller.seller_id
    known = {one.person_id: one for one in parties.presenters}
    pitched = {party.person_id for party in parties.of(PartyRole.PRESENTER)} - {ours}
    return [known.get(person) for person in sorted(pitched)]


def _pitcher_flaws(
    facts: SaleFacts, presenter: PresenterFacts | None, asked: PitchedBy, code: str
) -> Iterator[Finding]:
    """The findings of the rules about sellers, with the presenter in the seller's place."""
    if presenter is None or presenter.seller is None:
        yield Finding(code=code)
        return
    judged = replace(facts, seller=presenter.seller, alerts=presenter.alerts)
    for finding in seller_qualified(judged, asked).findings:
        stale = finding.code == "REGISTER_STALE"
        missing = ("staffing_fresh",) if stale else finding.missing
        yield Finding(code=code, reason=finding.reason, details=finding.details, missing=missing)
    if not own_staff(judged, asked).passed:
        yield Finding(code=code, reason="outsider")
    if not seller_unsuspected(judged, NoParameters()).passed:
        yield Finding(code=code, reason="suspected")


def sides_apart(facts: SaleFacts, parameters: NoParameters) -> Verdict:
    """INT-SIDES: nobody stands on both sides, and nobody approves what he sells."""
    code, parties = "PARTY_ON_BOTH_SIDES", facts.parties
    if parties is None:
        return unknown(code, "parties")
    findings = []
    if parties.on_both_sides:
        findings.append(Finding(code=code, reason="both"))
    sellers = {party.person_id for party in parties.of(PartyRole.PRESENTER, PartyRole.OPERATOR)}
    if facts.seller is not None:
        sellers.add(facts.seller.seller_id)
    if sellers & {party.person_id for party in parties.of(PartyRole.APPROVER)}:
        findings.append(Finding(code="APPROVER_NOT_INDEPENDENT"))
    return Verdict(tuple(findings))


def assisted(facts: SaleFacts, parameters: NoParameters) -> Verdict:
    """INT-ASSISTANCE: who cannot read was read to, who cannot sign gave his thumbprint, and so on.

    A call-back on which the customer did not stand by his purchase ends it, whether he needed one or not.
    """
    code, parties = "READING_ALOUD_MISSING", facts.parties
    if parties is None:
        return unknown(code, "parties")
    if facts.customer is None:
        return unknown(code, "customer")
    needs = frozenset(facts.customer.needs or ())
    findings = [
        Finding(code=f"{need}_MISSING") for need in sorted(needs.intersection(_not_done(facts, parties)))
    ]
    return Verdict((*findings, *_call_back_flaws(parties.assistance, Need.CALL_BACK in needs)))


def _not_done(facts: SaleFacts, parties: PartiesFacts) -> Iterable[Need]:
    done = parties.assistance
    if done.read_aloud_at is None or done.read_aloud_at > facts.decided_at:
        yield Need.READING_ALOUD
    if done.thumbprint_at is None or done.thumbprint_at > facts.decided_at:
        yield Need.THUMBPRINT
    if not parties.of(PartyRole.INTERPRETER):
        yield Need.INTERPRETER
    if done.call_back is None or done.call_back.at > facts.decided_at:
        yield Need.CALL_BACK


def _call_back_flaws(done: AssistanceFacts, needed: bool) -> Iterator[Finding]:
    if done.call_back is None:
        return
    if not done.call_back.confirmed:
        yield Finding(code="CALL_BACK_DECLINED")
    if needed and not done.call_back.independent:
        yield Finding(code="CALL_BACK_NOT_INDEPENDENT")


CHECKS: tuple[Check[SaleFacts], ...] = (
    PureCheck(
        "sale.authority_holds.v1",
        codes_of("AUTHORITY_MISSING", none=("role",))
        | {
            "AUTHORITY_NOT_YET_VALID": ("role", "day"),
            "AUTHORITY_EXPIRED": ("role", "day"),
            "AUTHORITY_TOO_NARROW": ("role", "kind"),
        }
        | codes_of("PRINCIPAL_NOT_IDENTIFIED"),
        NoParameters,
        authority_holds,
    ),
    PureCheck(
        "sale.presenters_qualified.v1",
        codes_of(
            "PRESENTER_NOT_QUALIFIED", "outsider", "suspected", **dict.fromkeys(SELLER_FLAWS, ("kind",))
        ),
        PitchedBy,
        presenters_qualified,
    ),
    PureCheck(
        "sale.presenters_trained.v1",
        codes_of("PRESENTER_NOT_TRAINED", "record", hours=("done", "needed"), experience=("earliest",)),
        Preparations,
        presenters_trained,
    ),
    PureCheck(
        "sale.sides_apart.v1",
        codes_of("PARTY_ON_BOTH_SIDES", "both") | codes_of("APPROVER_NOT_INDEPENDENT"),
        NoParameters,
        sides_apart,
    ),
    PureCheck(
        "sale.assisted.v1",
        codes_of("READING_ALOUD_MISSING")
        | codes_of("THUMBPRINT_MISSING")
        | codes_of("INTERPRETER_MISSING")
        | codes_of("CALL_BACK_MISSING")
        | codes_of("CALL_BACK_DECLINED")
        | codes_of("CALL_BACK_NOT_INDEPENDENT"),
        NoParameters,
        assisted,
    ),
)
