"""Disposal at its boundaries: the last day, a hold, an unconfirmed row, a clock or register not trusted."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from compliance.evidence.domain import from_plain, to_plain
from compliance.periods.domain import end_of
from compliance.retention.disposal import DisposalFacts, decide_disposal, replay_disposal
from compliance.retention.periods import Anchor, AnchorKind, Hold, HoldSource, SoldProduct
from compliance.rulebook.decisions import Decision, NoRulesInForce, ReleaseUnknown, Result
from compliance.rulebook.facts import ProductForm, ProductKind
from services.compliance.tests.unit.builders import an_id, broken, rulebook

PAID = Anchor(
    report_id="p",
    kind=AnchorKind.FINAL_PAYOUT,
    claimed_on=date(2025, 8, 31),
    reported_at=datetime(2025, 8, 31, 4, 0, tzinfo=UTC),
)
LAST_DAY = date(2026, 2, 28)
DAY_AFTER = end_of(LAST_DAY)

SOLD = SoldProduct(
    sale_id=an_id(1),
    kind=ProductKind.WEALTH,
    form=ProductForm.CLOSED_END,
    term_months=12,
    sold_on=date(2024, 8, 31),
    anchors=(PAID,),
)

COMPLAINT = Hold(
    source=HoldSource.COMPLAINT,
    matter_id="C-7",
    placed_at=datetime(2025, 9, 1, tzinfo=UTC),
    released_at=None,
    resolved_on=None,
)

FACTS = DisposalFacts(
    recording_id=an_id(9),
    decided_at=DAY_AFTER,
    sales=(SOLD,),
    holds=(),
    floor=LAST_DAY,
    clock_trusted=True,
    holds_fresh=True,
)


def with_sale(**changes: Any) -> DisposalFacts:
    return replace(FACTS, sales=(replace(SOLD, **changes),))


def only(facts: DisposalFacts) -> tuple[str, str, str | None]:
    decision = decide_disposal(rulebook(), facts)
    assert decision.result is Result.REFUSED
    (finding,) = broken(decision)
    return finding


def passes(facts: DisposalFacts) -> bool:
    return decide_disposal(rulebook(), facts).passed


@pytest.mark.rule("REC-07")
def test_refused_through_the_last_day_allowed_the_day_after() -> None:
    last_moment = replace(FACTS, decided_at=DAY_AFTER - timedelta(microseconds=1))
    assert only(last_moment) == ("REC-07", "RETENTION_NOT_EXPIRED", "running")
    assert passes(FACTS)


@pytest.mark.rule("REC-07")
def test_refused_while_an_anchor_is_unknown() -> None:
    assert only(with_sale(anchors=())) == ("REC-07", "RETENTION_NOT_EXPIRED", None)
    partial = replace(PAID, kind=AnchorKind.PARTIAL_PAYOUT)
    assert only(with_sale(anchors=(partial,))) == ("REC-07", "RETENTION_NOT_EXPIRED", None)


@pytest.mark.rule("REC-07")
def test_refused_for_a_recording_without_a_sale_or_a_rule() -> None:
    assert only(replace(FACTS, sales=())) == ("REC-07", "RETENTION_NOT_EXPIRED", None)
    older = with_sale(sold_on=date(2015, 1, 1))
    rules = [replace(rule, applies_to_existing=False) for rule in rulebook().rules]
    decision = decide_disposal(replace(rulebook(), rules=tuple(rules)), older)
    assert broken(decision) == {("REC-07", "RETENTION_NOT_EXPIRED", None)}


@pytest.mark.rule("REC-07")
def test_a_day_once_known_is_never_undercut() -> None:
    ratchet = replace(FACTS, floor=LAST_DAY + timedelta(days=1))
    assert only(ratchet) == ("REC-07", "RETENTION_NOT_EXPIRED", "ratchet")
    assert passes(replace(ratchet, decided_at=DAY_AFTER + timedelta(days=1)))


@pytest.mark.rule("REC-07")
@pytest.mark.parametrize("trusted", [False, None])
def test_refused_while_the_clock_is_not_trusted(trusted: bool | None) -> None:
    assert only(replace(FACTS, clock_trusted=trusted)) == ("REC-07", "CLOCK_UNTRUSTED", None)


@pytest.mark.rule("REC-08")
def test_refused_under_a_hold_until_every_matter_is_over() -> None:
    assert only(replace(FACTS, holds=(COMPLAINT,))) == ("REC-08", "LEGAL_HOLD", "held")
    over = replace(COMPLAINT, released_at=DAY_AFTER, resolved_on=date(2026, 3, 1))
    other = replace(COMPLAINT, source=HoldSource.AUDIT)
    earlier = replace(over, released_at=DAY_AFTER, resolved_on=LAST_DAY)
    assert only(replace(FACTS, holds=(earlier, other))) == ("REC-08", "LEGAL_HOLD", "held")
    assert passes(replace(FACTS, holds=(earlier,)))
    assert only(replace(FACTS, holds=(over,))) == ("REC-08", "LEGAL_HOLD", "settled")
    assert passes(replace(FACTS, holds=(over,), decided_at=end_of(date(2026, 3, 1))))


@pytest.mark.rule("REC-08")
def test_a_hold_names_its_matters() -> None:
    decision = decide_disposal(rulebook(), replace(FACTS, holds=(COMPLAINT,)))
    (violation,) = decision.violations(rulebook())
    assert "COMPLAINT C-7" in violation.messages["zh-CN"]


@pytest.mark.rule("REC-08")
@pytest.mark.parametrize("fresh", [False, None])
def test_refused_while_the_register_of_disputes_is_stale(fresh: bool | None) -> None:
    assert only(replace(FACTS, holds_fresh=fresh)) == ("REC-08", "REGISTER_STALE", None)


@pytest.mark.rule("REC-09")
def test_insurance_is_refused_through_its_own_last_day() -> None:
    end = replace(PAID, kind=AnchorKind.CONTRACT_END)
    insured = replace(
        with_sale(kind=ProductKind.INSURANCE, anchors=(end,)), decided_at=end_of(date(2030, 8, 31))
    )
    assert passes(insured)
    early = replace(insured, decided_at=insured.decided_at - timedelta(microseconds=1))
    assert only(early) == ("REC-09", "RETENTION_NOT_EXPIRED", "running")
    settled = replace(COMPLAINT, released_at=DAY_AFTER, resolved_on=date(2029, 1, 1))
    held = replace(insured, holds=(replace(settled, released_at=datetime(2029, 1, 1, tzinfo=UTC)),))
    assert only(replace(held, decided_at=end_of(date(2030, 12, 31)))) == (
        "REC-09",
        "RETENTION_NOT_EXPIRED",
        "running",
    )


@pytest.mark.rule("REC-15")
@pytest.mark.parametrize("kind", [ProductKind.FUND, ProductKind.SECURITIES])
def test_what_is_unconfirmed_is_never_disposed_of(kind: ProductKind) -> None:
    end = replace(PAID, kind=AnchorKind.CONTRACT_END)
    facts = replace(with_sale(kind=kind, anchors=(PAID, end)), decided_at=datetime(2099, 1, 1, tzinfo=UTC))
    assert only(facts) == ("REC-15", "RETENTION_UNCONFIRMED", None)


def test_one_sale_of_several_is_enough_to_keep() -> None:
    other = replace(SOLD, sale_id=an_id(2), anchors=())
    assert only(replace(FACTS, sales=(SOLD, other))) == ("REC-07", "RETENTION_NOT_EXPIRED", None)


def test_every_reason_is_reported() -> None:
    facts = replace(
        FACTS, sales=(replace(SOLD, anchors=()),), holds=(COMPLAINT,), clock_trusted=False, holds_fresh=False
    )
    assert broken(decide_disposal(rulebook(), facts)) == {
        ("REC-07", "RETENTION_NOT_EXPIRED", None),
        ("REC-07", "CLOCK_UNTRUSTED", None),
        ("REC-08", "LEGAL_HOLD", "held"),
        ("REC-08", "REGISTER_STALE", None),
    }


def test_the_decision_is_replayed_from_its_record() -> None:
    decision = decide_disposal(rulebook(), replace(FACTS, holds=(COMPLAINT,)))
    stored = from_plain(Decision, to_plain(decision))
    assert replay_disposal(stored, rulebook()).digest == decision.digest
    with pytest.raises(ReleaseUnknown):
        replay_disposal(stored, replace(rulebook(), terms={}))


def test_without_a_rule_nothing_is_disposed_of() -> None:
    with pytest.raises(NoRulesInForce):
        decide_disposal(replace(rulebook(), rules=()), FACTS)
