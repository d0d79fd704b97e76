"""The gate's two readings find the same rules broken, whatever is wrong with a sale."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.evidence.domain import SegmentKind, to_plain
from compliance.rulebook.customer_facts import (
    AssessmentPlace,
    GuardianConsentFacts,
    InvestorFacts,
    LegalForm,
    Need,
)
from compliance.rulebook.customer_facts import CivilCapacity as Capacity
from compliance.rulebook.customer_facts import InvestorClass as Investor
from compliance.rulebook.decisions import SATISFIED
from compliance.rulebook.domain import STOPPING
from compliance.rulebook.facts import ApprovalLevel as Level
from compliance.rulebook.facts import AssetClass as Asset
from compliance.rulebook.facts import (
    Authority,
    ChecklistFacts,
    EntryMode,
    PartnerState,
    SaleFacts,
    WindowFacts,
)
from compliance.rulebook.facts import ProductKind as Kind
from compliance.rulebook.facts import ProductOffering as Offering
from compliance.rulebook.facts import ProductOrigin as Origin
from compliance.rulebook.facts import ProductStatus as Status
from compliance.rulebook.facts import ZoneState as Zone
from compliance.rulebook.footage_facts import FootageFacts, RecordingChannel, ScriptFacts
from compliance.rulebook.outlet_facts import DayFacts
from compliance.rulebook.transaction_facts import TransactionKind as Transaction
from deploy.books import gate, suitability
from services.compliance.tests.unit.builders import (
    ADMISSION,
    ASSESSMENT,
    BUYER,
    CARE,
    CHECKLIST,
    CONSENT,
    DISCLOSURE,
    MEANS,
    NOW,
    OPINION,
    PARTIES,
    PARTNER,
    PREPARATION,
    PRESENTED,
    PRODUCT,
    QUALIFICATION,
    RECORDER,
    RECORDING,
    SAFEGUARDS,
    SALE,
    SEGMENTS,
    TAKE,
    an_id,
    judge,
)
from services.compliance.tests.unit.hours import HOURS
from tests.books import attending, learning
from tests.books.accompanying import AGAIN, BROKEN, FEE, FREE, GOES_ON, HOLDING, QUOTE, ROLLOVER, TRANSACTION

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
LEVELS = (None, 0, 1, 3, 4, 5, 6)
INSTANTS = (None, NOW - DAY, NOW - SECOND, NOW, NOW + SECOND)
STRANGER = an_id(99)
POOR: dict[str, Any] = {"liquid_assets_minor": SALE.amount_minor - 1, "currency": "USD"}

#: What may be wrong: the part of the sale, its field, the values that are tried.
VALUES: dict[str, dict[str, tuple[Any, ...]]] = {
    "product": {
        "kind": tuple(Kind),
        "origin": tuple(Origin),
        "status": (None, *Status),
        "bank_level": LEVELS,
        "term_months": (None, 12, 13),
        "asset_class": tuple(Asset),
        "instalment": (None, True),
        "payment_years": (19, 20),
        "benefit_certain": (True, False),
        "issuer_level": LEVELS,
        "offering": (*Offering, None),
        "partner_id": (None, STRANGER),
        "admission": (None,),
        "window": tuple(
            WindowFacts(offered_from=begins, offered_until=ends)
            for begins, ends in ((NOW, None), (NOW + SECOND, None), (None, NOW), (None, NOW + SECOND))
        ),
    },
    "partner": {
        "state": tuple(PartnerState),
        "kinds": ((Kind.FUND,), ()),
        "authority": tuple(Authority),
        "licence_from": (date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)),
        "licence_to": (None, date(2026, 3, 1), date(2026, 3, 2)),
    },
    "admission": {
        "partner_id": (STRANGER,),
        "approvals": ((), (Level.COMPLIANCE,), (Level.SENIOR_MANAGEMENT,)),
        "rejected": (True,),
    },
    "qualification": {
        "kind": ("WEALTH", "AGENCY_FUND", "AGENCY_INSURANCE", "GOV_BOND"),
        "valid_from": (date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)),
        "valid_until": (None, date(2026, 3, 1), date(2026, 3, 2)),
        "suspended_at": INSTANTS,
        "revoked_at": INSTANTS,
    },
    "checklist": {
        "inspected_at": INSTANTS[1:],
        **{
            field.name: (True, False, None)
            for field in fields(ChecklistFacts)
            if field.name != "inspected_at"
        },
    },
    "zone": {
        "state": tuple(Zone),
        "outlet_id": (STRANGER,),
        "checklist": (None,),
        "recorders": (None, (), (RECORDER, replace(RECORDER, heard_at=None))),
    },
    "seller": {"employer": (None, "bank", "insurer"), "preparation": (None,)},
    "preparation": learning.VALUES,
    "terminal": {"staff_assisted": (None, True, False), "risk_page_shown": (None, True, False)},
    "recorder": {
        "began_at": (None, RECORDING.started_at, RECORDING.started_at + SECOND),
        "heard_at": (
            None,
            RECORDING.started_at - 300 * SECOND,
            RECORDING.started_at - 301 * SECOND,
        ),
        "offset_ms": (None, 5000, 5001, -5000, -5001),
    },
    "consent": {
        "given": (True, False),
        "customer_id": (STRANGER,),
        "session_id": (STRANGER,),
        "at": (RECORDING.started_at, RECORDING.started_at + SECOND),
        "withdrawn_at": INSTANTS,
    },
    "recording": {
        "customer_id": (STRANGER,),
        "session_id": (STRANGER,),
        "sealed_at": INSTANTS,
        "manifest": (None,),
        "has_picture": (True, False),
        "has_sound": (True, False),
        "segments": (SEGMENTS[1:], SEGMENTS[::-1], (*SEGMENTS, SEGMENTS[0]), ()),
        "duration_ms": (4999, 5000),
    },
    "assessment": {
        "level_before": (2, 3, 4),
        "level_confirmed_at": INSTANTS,
        "level": LEVELS,
        "customer_id": (STRANGER,),
        "imported": (None, True),
        "source": ("crm", "shop"),
        "place": (None, AssessmentPlace.REMOTE),
        "age_considered": (True,),
        "completed_at": (NOW, NOW - SECOND, NOW - 365 * DAY, NOW - 366 * DAY),
        "change_reported_at": INSTANTS,
    },
    "opinion": {
        "assessment_id": (STRANGER,),
        "product_level": LEVELS[1:],
        "customer_level": (2, 4),
        "acknowledged_at": INSTANTS,
    },
    "disclosure": {"acknowledged_at": INSTANTS},
    "buyer": {
        "age": (None, 59, 60, 61, 64, 65, 66),
        "capacity": (None, *Capacity),
        "guardian_consent": (GuardianConsentFacts(consent_id=an_id(80), at=NOW - DAY),),
        "investor": tuple(
            InvestorFacts(investor_class=one, valid_until=day, evidence_id=an_id(81))
            for one in Investor
            for day in (date(2026, 3, 1), date(2026, 3, 2), None)
        ),
        "bought_wealth_before": (None, True),
        "legal_form": (LegalForm.COMPANY,),
        "needs": (*((need,) for need in Need), tuple(Need)),
        "means": (None, *(replace(MEANS, **{name: value}) for name, value in POOR.items())),
    },
    "parties": attending.VALUES,
    "care": {
        "at": (NOW - DAY, NOW - DAY + SECOND),
        **dict.fromkeys(suitability.CARE, (False,)),
    },
    "safeguards": {
        "care": (None,),
        "approved_at": INSTANTS[1:],
        "agreed_off_outlet_at": INSTANTS[1:],
        "signed_at": INSTANTS[1:],
        "premium_declared_at": (NOW,),
        "insurer_accepted_at": (NOW,),
    },
    "footage": {
        "takes": (
            (),
            (BROKEN, GOES_ON),
            (BROKEN, replace(GOES_ON, started_at=GOES_ON.started_at + SECOND / 1000)),
            (BROKEN, replace(GOES_ON, device_id="recorder-2")),
            (replace(BROKEN, device_id=None), replace(GOES_ON, device_id=None)),
            (BROKEN, replace(GOES_ON, seller_id=STRANGER)),
            (replace(BROKEN, duration_ms=3000), GOES_ON),
            (TAKE, AGAIN),
            (replace(TAKE, presented=None),),
            (replace(TAKE, channel=RecordingChannel.REMOTE),),
            (replace(TAKE, channel=RecordingChannel.REMOTE, remote_enabled=True),),
            (replace(TAKE, channel=None),),
        ),
        "presented": (
            None,
            replace(PRESENTED, product_version=9),
            AGAIN.presented,
            replace(PRESENTED, terms="2" * 64),
            replace(PRESENTED, prices=(an_id(7),)),
            replace(PRESENTED, scripts=(ScriptFacts(segment=SegmentKind.PITCH, sha256="3" * 64),)),
        ),
    },
    "sale": {
        "footage": (None,),
        "transaction": (None,),
        "opinion": (None,),
        "disclosure": (None,),
        "channel": ("SELF_SERVICE",),
        "currency": ("USD",),
        "amount_minor": (999_999, 1_000_000, 29_999_999, 30_000_000, 40_000_000, 99_999_999, 100_000_000),
        "decided_at": (datetime(2026, 9, 29, 15, 59, 59, tzinfo=UTC), datetime(2026, 9, 29, 16, tzinfo=UTC)),
        "customer": (None,),
        "safeguards": (None,),
        "parties": (None,),
        "staffing_fresh": (True, False, None),
        "product": (None,),
        "partner": (None,),
        "entry_mode": (*EntryMode, None),
        "seller": (None,),
        "zone": (None,),
        "outlet": (
            *(None, replace(HOURS, day=None), replace(HOURS, opens_next=NOW, minute=1050)),
            *(replace(HOURS, minute=minute) for minute in (539, 540, 1049, 1050)),
            *(replace(HOURS, cutover=cutover) for cutover in (540, 541, 600, 601, 1050)),
            *(replace(HOURS, cutover=600, day=DayFacts(opens=n, closes=1440)) for n in (0, 1)),
        ),
        "assessment": (None,),
        "consent": (None,),
        "recordings": ((), (RECORDING, RECORDING)),
        "fees": (None, (FREE,), (FEE,), (FEE, FREE)),
    },
    "quote": {
        "customer_id": (STRANGER,),
        "amount_minor": (SALE.amount_minor + 1,),
        "currency": ("USD",),
        "expires_at": INSTANTS[1:],
        "confirmed_at": INSTANTS,
        "current": (True, False),
    },
    "transaction": {
        "kind": tuple(Transaction),
        "holding": (None, *(replace(HOLDING, level=level) for level in (None, 2, 4))),
        "rollover_consent": (None, replace(ROLLOVER, given=False), replace(ROLLOVER, at=NOW + SECOND)),
        "heir": (None,),
    },
    "holding": {"own": (True, False), "logged_here": (False,)},
}
FLAWS = [
    (part, name, value)
    for part, named in VALUES.items()
    for name, values in named.items()
    for value in values
]


def flawed(*flaws: tuple[str, str, Any]) -> SaleFacts:
    """The good sale with these flaws."""
    changes: dict[str, dict[str, Any]] = {part: {} for part in VALUES}
    for part, name, value in flaws:
        changes[part][name] = value
    assert SALE.seller is not None
    assert SALE.zone is not None
    qualifications = (replace(QUALIFICATION, **changes["qualification"]),)
    assert SALE.terminal is not None
    recorders = (replace(RECORDER, **changes["recorder"]),)
    checklist = replace(CHECKLIST, **changes["checklist"])
    admission = replace(ADMISSION, **changes["admission"])
    whole: dict[str, Any] = {
        "product": replace(PRODUCT, **{"admission": admission, **changes["product"]}),
        "partner": replace(PARTNER, **changes["partner"]),
        "seller": replace(
            SALE.seller,
            **{
                "qualifications": qualifications,
                "preparation": replace(PREPARATION, **changes["preparation"]),
                **changes["seller"],
            },
        ),
        "terminal": replace(SALE.terminal, **changes["terminal"]),
        "zone": replace(SALE.zone, **{"checklist": checklist, "recorders": recorders, **changes["zone"]}),
        "consent": replace(CONSENT, **changes["consent"]),
        "recordings": (replace(RECORDING, **changes["recording"]),),
        "assessment": replace(ASSESSMENT, **changes["assessment"]),
        "fees": (replace(FEE, quote=replace(QUOTE, **changes["quote"])),),
        "opinion": replace(OPINION, **changes["opinion"]),
        "disclosure": replace(DISCLOSURE, **changes["disclosure"]),
        "footage": replace(FootageFacts(takes=(TAKE,), presented=PRESENTED), **changes["footage"]),
        "customer": replace(BUYER, **changes["buyer"]),
        "parties": replace(PARTIES, **changes["parties"]),
        "transaction": replace(
            TRANSACTION, **{"holding": replace(HOLDING, **changes["holding"]), **changes["transaction"]}
        ),
        "safeguards": replace(
            SAFEGUARDS, **{"care": replace(CARE, **changes["care"]), **changes["safeguards"]}
        ),
    }
    return replace(SALE, **{**whole, **changes["sale"]})


def agree(facts: SaleFacts) -> bool:
    """Whether both readings break the same rules, and pass together."""
    decision = judge(facts)
    inputs = to_plain(facts)
    assert isinstance(inputs, dict)
    first = {
        outcome.rule
        for outcome in decision.outcomes
        if outcome.state not in SATISFIED and outcome.severity in STOPPING
    }
    return gate.broken(inputs) == first and decision.passed == (not first)


PAID = (("parties", "account_stated", True), ("parties", "account_id", attending.ACCOUNT))
FIRM = ("buyer", "legal_form", LegalForm.COMPANY)
PRODUCTS = [flaw for flaw in FLAWS if flaw[:2] in {("product", "bank_level"), ("sale", "product")}]


@pytest.mark.parametrize("account", attending.ACCOUNTS)
def test_each_account_that_pays(account: Any) -> None:
    paid = (*PAID, ("parties", "account", account))
    for declared in attending.DECLARED[:6]:
        assert agree(flawed(*paid, ("parties", "declared", declared))), declared
    for flaw in PRODUCTS:
        assert agree(flawed(*paid, flaw)), flaw


@pytest.mark.parametrize("resolutions", attending.RESOLUTIONS)
def test_each_resolution_of_a_company(resolutions: Any) -> None:
    for declared in attending.DECLARED:
        signed = (("parties", "resolutions", resolutions), ("parties", "declared", declared))
        assert agree(flawed(*signed, FIRM)), declared


@pytest.mark.parametrize("presenters", attending.PRESENTERS)
def test_each_presenter(presenters: Any) -> None:
    shown = (("parties", "presenters", presenters), ("parties", "declared", attending.PITCHED))
    for flaw in FLAWS:
        if flaw[0] in {"seller", "qualification"} or flaw[1] == "staffing_fresh" or flaw in PRODUCTS:
            assert agree(flawed(*shown, flaw)), flaw


@pytest.mark.parametrize("assistance", attending.ASSISTANCE)
def test_each_help_for_each_need(assistance: Any) -> None:
    for flaw in FLAWS:
        if flaw[:2] == ("buyer", "needs"):
            assert agree(flawed(flaw, ("parties", "assistance", assistance))), flaw


def test_each_flaw_alone() -> None:
    for flaw in FLAWS:
        assert agree(flawed(flaw)), flaw


@pytest.mark.parametrize("part", ["product", "sale", "zone", "buyer", "transaction"])
def test_each_pair_with_a_part(part: str) -> None:
    for first, second in combinations([flaw for flaw in FLAWS if flaw[0] != "parties"], 2):
        if part in {first[0], second[0]}:
            assert agree(flawed(first, second)), (first, second)


@given(st.lists(st.sampled_from(FLAWS), max_size=6))
def test_many_flaws_together(flaws: list[tuple[str, str, Any]]) -> None:
    assert agree(flawed(*flaws))
