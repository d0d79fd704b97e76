"""Changes of a good sale in which others take part: agents, presenters, holders, signatories, helpers."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from compliance.periods.domain import add_months, legal_date, start_of
from compliance.rulebook.customer_facts import InvestorClass, InvestorFacts, LegalForm, Need
from compliance.rulebook.facts import ProductKind, SaleFacts
from compliance.rulebook.party_facts import (
    AccountFacts,
    AuthorityFacts,
    CallBackFacts,
    HolderFacts,
    Identification,
    PartyFacts,
    PartyRole,
    PresenterFacts,
    ResolutionFacts,
)
from compliance.rulebook.seller_facts import AlertFacts, AlertKind, SellerFacts
from services.compliance.tests.gate.changes import (
    DAY,
    GRADED_KINDS,
    INSURED,
    NEVER,
    Change,
    customer,
    of_kind,
    on_day,
    part,
    together,
    whole,
)
from services.compliance.tests.unit.builders import ASSESSMENT, CUSTOMER, NOW, an_id

PERSON, THIRD, PAPER, ACCOUNT = an_id(190), an_id(191), an_id(192), an_id(193)
UNKNOWN = whole(parties=None)
Paper = Callable[[SaleFacts], AuthorityFacts]
Who = Callable[[SaleFacts], PartyFacts]


def paper(first: int = -1, last: int = 1, kinds: tuple[str, ...] | None = None) -> Paper:
    """An authority with its days, as far from the sale's."""
    return lambda facts: AuthorityFacts(
        document_id=PAPER,
        product_kinds=kinds,
        valid_from=on_day(first)(facts),
        valid_until=on_day(last)(facts),
    )


def who(role: PartyRole, person: UUID = PERSON, authority: Paper | None = None) -> Who:
    """Somebody who takes part."""
    return lambda facts: PartyFacts(
        party_id=an_id(194),
        role=role,
        person_id=person,
        authority=None if authority is None else authority(facts),
        identified_by=Identification.ID_DOCUMENT,
        identified_at=facts.decided_at - DAY,
    )


def named(*people: Who) -> Change:
    """These people take part."""
    return part("parties", declared=lambda facts: tuple(one(facts) for one in people))


def acting(role: PartyRole, authority: Paper | None = None) -> Change:
    """Somebody acts for the customer; with an agent the principal was identified."""
    principal = (who(PartyRole.PRINCIPAL, CUSTOMER),) if role is PartyRole.AGENT else ()
    return named(*principal, who(role, authority=authority))


AGENT = PartyRole.AGENT


# --- Presenters --------------------------------------------------------------------------------------------


def presented(*, alerts: tuple[AlertFacts, ...] = (), known: bool = True, **seller: Any) -> Change:
    """Somebody presents who has all that the seller has, but for these members."""

    def presenters(facts: SaleFacts) -> tuple[PresenterFacts, ...]:
        like: SellerFacts | None = None
        if facts.seller is not None and known:
            like = replace(facts.seller, seller_id=PERSON, **seller)
        return (PresenterFacts(person_id=PERSON, seller=like, alerts=alerts),)

    return together(named(who(PartyRole.PRESENTER)), part("parties", presenters=presenters))


def holding(**changes: Any) -> Change:
    """The presenter's right to sell is another than the seller's."""
    return together(presented(), part("parties.presenters.seller.qualifications", **changes))


ALERT = AlertFacts(alert_id=an_id(195), kind=AlertKind.ILLEGAL_FUNDRAISING, raised_at=NOW)
#: Each kind of product with each right that covers it.
RIGHTS = (
    *GRADED_KINDS,
    INSURED,
    *(
        of_kind(kind, right)
        for kind in (ProductKind.GOV_BOND, ProductKind.PHYSICAL_METAL)
        for right in ("WEALTH", kind.value)
    ),
)


# --- Joint accounts ----------------------------------------------------------------------------------------


def holder(person: UUID = PERSON, **assessed: Any) -> Callable[[SaleFacts], HolderFacts]:
    """Another holder, assessed a quarter before at level 3, or otherwise."""

    def made(facts: SaleFacts) -> HolderFacts:
        given = {name: value(facts) if callable(value) else value for name, value in assessed.items()}
        given = {"completed_at": facts.decided_at - 90 * DAY} | given
        return HolderFacts(customer_id=person, assessment=replace(ASSESSMENT, customer_id=person, **given))

    return made


def unassessed(facts: SaleFacts) -> HolderFacts:
    """Another holder whom nobody has assessed."""
    return HolderFacts(customer_id=PERSON, assessment=None)


def pays(
    *others: Callable[[SaleFacts], HolderFacts],
    required: int = 1,
    came: tuple[Who, ...] = (),
    closed: bool = False,
) -> Change:
    """An account of the customer and these others pays."""

    def account(facts: SaleFacts) -> AccountFacts:
        himself = HolderFacts(customer_id=facts.customer_id, assessment=facts.assessment)
        return AccountFacts(
            account_id=ACCOUNT,
            version=1,
            closed=closed,
            required=required,
            holders=(himself, *(one(facts) for one in others)),
        )

    stated = part("parties", holds_jointly=True, account_stated=True, account_id=ACCOUNT, account=account)
    return together(named(*came), stated)


def months_ago(distance: int) -> Callable[[SaleFacts], datetime]:
    """When an assessment was completed whose last valid day lies so many days from the sale's."""

    def completed(facts: SaleFacts) -> datetime:
        wanted = legal_date(facts.decided_at) + timedelta(days=distance)
        day = date(wanted.year - 1, wanted.month, min(wanted.day, 28))
        while add_months(day + DAY, 12) <= wanted:
            day += DAY
        return start_of(day) + timedelta(hours=1)

    return completed


COMES = who(PartyRole.JOINT_HOLDER)
UNGRADED = (together(), *GRADED_KINDS)


# --- Companies ---------------------------------------------------------------------------------------------


def status(investor_class: InvestorClass, until: int | None) -> Callable[[SaleFacts], InvestorFacts]:
    """A class through a day as far from the sale's."""
    return lambda facts: InvestorFacts(
        investor_class=investor_class,
        valid_until=None if until is None else on_day(until)(facts),
        evidence_id=an_id(196),
    )


ORDINARY = InvestorFacts(investor_class=InvestorClass.ORDINARY, valid_until=None, evidence_id=None)


def unsigned(investor: Any = ORDINARY) -> Change:
    """The customer is a company, for which nobody signs."""
    return customer(legal_form=LegalForm.COMPANY, investor=investor)


def resolved(
    *, first: int = -1, last: int = 1, more: int = 0, used: int = 0, **given: Any
) -> Callable[[SaleFacts], ResolutionFacts]:
    """A resolution that leaves as much as the sale asks for, and ``more``."""
    known: dict[str, Any] = {"document_id": PAPER, "signatory_id": PERSON} | given
    return lambda facts: ResolutionFacts(
        **({"currency": facts.currency} | known),
        resolved_on=on_day(first)(facts),
        valid_until=on_day(last)(facts),
        limit_minor=facts.amount_minor + more + used,
        used_minor=used,
    )


def signed(
    *resolutions: Callable[[SaleFacts], ResolutionFacts],
    document: UUID = PAPER,
    investor: Any = ORDINARY,
    **given: Any,
) -> Change:
    """The one whom the resolutions name signs for the company."""
    stated = resolutions or (resolved(document_id=document, **given),)
    signs = named(who(PartyRole.SIGNATORY, authority=paper()))
    whose = part("parties", resolutions=lambda facts: tuple(one(facts) for one in stated))
    return together(unsigned(investor), signs, whose)


# --- Needs -------------------------------------------------------------------------------------------------


def needs(*wanted: Need) -> Change:
    """The customer needs these things."""
    return customer(needs=wanted)


def done(need: Need, name: str, **given: Any) -> Change:
    """The customer needs one thing, and it was done at some instant."""
    return together(needs(need), part("parties.assistance", **{name: given["at"]}))


def called(distance: timedelta = NEVER, *, confirmed: bool = True, independent: bool = True) -> Change:
    """The customer was called back."""
    return part(
        "parties.assistance",
        call_back=lambda facts: CallBackFacts(
            at=facts.decided_at + distance, confirmed=confirmed, independent=independent
        ),
    )


READ, THUMB = (Need.READING_ALOUD, "read_aloud_at"), (Need.THUMBPRINT, "thumbprint_at")
