"""The retention clock: the table of the rules, an independent second reading, and what may never happen."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.evidence.domain import to_plain
from compliance.periods.domain import legal_date, start_of
from compliance.retention.periods import (
    Anchor,
    AnchorKind,
    Contest,
    Hold,
    HoldSource,
    SoldProduct,
    evaluate,
    retain_until,
)
from compliance.rulebook.domain import RuleRelease
from compliance.rulebook.facts import ProductForm, ProductKind
from services.compliance.tests.unit import retention_oracle as oracle
from services.compliance.tests.unit.builders import an_id, rulebook

TODAY = date(2040, 1, 1)
NOON = timedelta(hours=12)


def anchor(kind: AnchorKind, day: date, *, heard: date | None = None, report: str | None = None) -> Anchor:
    """A report about ``day``, heard on that day at noon unless told otherwise."""
    return Anchor(
        report_id=report or f"{kind}-{day}-{heard}",
        kind=kind,
        claimed_on=day,
        reported_at=start_of(heard or day) + NOON,
    )


def paid(day: date, **more: Any) -> Anchor:
    return anchor(AnchorKind.FINAL_PAYOUT, day, **more)


def ended(day: date, **more: Any) -> Anchor:
    return anchor(AnchorKind.CONTRACT_END, day, **more)


def sold(*anchors: Anchor, kind: ProductKind = ProductKind.WEALTH, **more: Any) -> SoldProduct:
    """A closed-end wealth product of 2024, unless told otherwise."""
    plain: dict[str, Any] = {"form": ProductForm.CLOSED_END, "term_months": 12, "sold_on": date(2024, 1, 2)}
    return SoldProduct(sale_id=an_id(1), kind=kind, anchors=anchors, **(plain | more))


def dispute(resolved: date | None, source: HoldSource = HoldSource.COMPLAINT) -> Hold:
    return Hold(
        source=source,
        matter_id="C-1",
        placed_at=datetime(2025, 2, 1, tzinfo=UTC),
        released_at=None if resolved is None else start_of(resolved) + NOON,
        resolved_on=resolved,
    )


def until(
    *sales: SoldProduct, holds: tuple[Hold, ...] = (), release: RuleRelease | None = None
) -> date | None:
    return retain_until(evaluate(release or rulebook(), sales, holds, TODAY), sales)


OPEN, CLOSED = ProductForm.OPEN_ENDED, ProductForm.CLOSED_END
INSURANCE = ProductKind.INSURANCE


@pytest.mark.rule("REC-07")
def test_closed_end_own_product() -> None:
    assert until(sold(paid(date(2026, 3, 31)))) == date(2026, 9, 30)


@pytest.mark.rule("REC-07")
def test_month_end_clamp() -> None:
    assert until(sold(paid(date(2025, 8, 31)))) == date(2026, 2, 28)


@pytest.mark.rule("REC-07")
def test_a_later_contract_end_extends() -> None:
    sale = sold(paid(date(2026, 3, 31)), ended(date(2026, 4, 15)))
    assert until(sale) == date(2026, 10, 15)
    assert until(sold(paid(date(2026, 3, 31)), ended(date(2026, 3, 1)))) == date(2026, 9, 30)


@pytest.mark.rule("REC-07")
def test_an_open_ended_product_that_is_held_has_no_end() -> None:
    assert until(sold(form=OPEN)) is None
    assert until(sold(paid(date(2026, 3, 31)), form=OPEN)) is None
    assert until(sold(ended(date(2026, 3, 31)), form=OPEN)) == date(2026, 9, 30)


@pytest.mark.rule("REC-07")
def test_only_a_final_payout_starts_the_clock() -> None:
    partial = anchor(AnchorKind.PARTIAL_PAYOUT, date(2026, 3, 31))
    assert until(sold(partial)) is None
    assert until(sold(partial, ended(date(2026, 4, 1)))) is None
    assert until(sold(paid(date(2026, 1, 31)), partial)) == date(2026, 9, 30)


@pytest.mark.rule("REC-07")
def test_a_recording_of_several_sales_is_kept_for_the_last() -> None:
    early, late = sold(paid(date(2025, 1, 10))), replace(sold(paid(date(2026, 1, 10))), sale_id=an_id(2))
    assert until(early, late) == date(2026, 7, 10)
    assert until(early, replace(sold(), sale_id=an_id(2))) is None
    assert until() is None


@pytest.mark.rule("REC-07")
def test_a_bank_may_keep_longer() -> None:
    def longer(release: RuleRelease) -> RuleRelease:
        return replace(
            release,
            rules=tuple(
                replace(rule, parameters={**rule.parameters, "minimum_months": 240})
                if rule.id == "REC-07"
                else rule
                for rule in release.rules
            ),
        )

    assert until(sold(paid(date(2026, 3, 31))), release=longer(rulebook())) == date(2046, 3, 31)
    insured = sold(ended(date(2026, 1, 1)), kind=INSURANCE, term_months=24)
    assert until(insured, release=longer(rulebook())) == date(2046, 1, 1)


@pytest.mark.rule("REC-15")
@pytest.mark.parametrize("kind", [ProductKind.FUND, ProductKind.SECURITIES])
@pytest.mark.parametrize("form", list(ProductForm))
def test_fund_and_securities_are_kept_while_the_row_is_unconfirmed(
    kind: ProductKind, form: ProductForm
) -> None:
    sale = sold(paid(date(2025, 12, 31)), ended(date(2026, 1, 1)), kind=kind, form=form)
    assert until(sale) is None
    confirmed = replace(
        rulebook(),
        rules=tuple(
            replace(rule, confirmed_by="counsel") if rule.id == "REC-15" else rule
            for rule in rulebook().rules
        ),
    )
    assert until(sale, release=confirmed) == date(2046, 1, 1)


@pytest.mark.rule("REC-08")
def test_a_dispute_keeps_until_it_is_resolved() -> None:
    sale = sold(paid(date(2025, 1, 10)))
    assert until(sale, holds=(dispute(None),)) is None
    assert until(sale, holds=(dispute(date(2026, 6, 1)),)) == date(2026, 6, 1)
    assert until(sale, holds=(dispute(date(2026, 6, 1)), dispute(None, HoldSource.COURT))) is None


@pytest.mark.rule("REC-09")
@pytest.mark.parametrize(("term", "last"), [(1, 2031), (12, 2031), (13, 2036), (240, 2036)])
def test_insurance_by_its_term(term: int, last: int) -> None:
    sale = sold(ended(date(2026, 1, 1)), kind=INSURANCE, term_months=term)
    assert until(sale) == date(last, 1, 1)


@pytest.mark.rule("REC-09")
def test_insurance_of_unknown_term_is_kept() -> None:
    assert until(sold(ended(date(2026, 1, 1)), kind=INSURANCE, term_months=None)) is None


@pytest.mark.rule("REC-09")
def test_an_insurance_dispute_adds_two_years() -> None:
    sale = sold(ended(date(2026, 1, 1)), kind=INSURANCE)
    assert until(sale, holds=(dispute(date(2030, 12, 31)),)) == date(2032, 12, 31)
    assert until(sale, holds=(dispute(date(2030, 12, 31), HoldSource.AUDIT),)) == date(2031, 1, 1)


@pytest.mark.rule("REC-07")
@pytest.mark.parametrize(
    ("claimed", "contest"),
    [
        (date(2024, 1, 1), Contest.BEFORE_SALE),
        (date(2024, 1, 2), None),
        (date(2026, 3, 31), None),
        (date(2026, 4, 1), Contest.IN_FUTURE),
    ],
)
def test_an_impossible_report_starts_nothing(claimed: date, contest: Contest | None) -> None:
    report = paid(claimed, heard=date(2026, 3, 31))
    assert report.contest(date(2024, 1, 2)) is contest
    assert (until(sold(report)) is None) == (contest is not None)


@pytest.mark.rule("REC-07")
def test_a_backdated_report_shortens_nothing() -> None:
    on_time, late = date(2026, 3, 1), date(2026, 4, 1)
    assert until(sold(paid(on_time, heard=late))) == date(2026, 9, 1)
    assert until(sold(paid(on_time - timedelta(days=1), heard=late))) == date(2026, 10, 1)
    assert until(sold(paid(date(2024, 2, 1), heard=late))) == date(2026, 10, 1)
    resolved = replace(dispute(date(2026, 6, 1)), resolved_on=date(2025, 3, 1))
    assert until(sold(ended(date(2026, 1, 1)), kind=INSURANCE), holds=(resolved,)) == date(2031, 1, 1)
    assert resolved.ended_on(31) == date(2026, 6, 1)


def test_a_matter_never_ends_before_it_began() -> None:
    early = replace(dispute(date(2025, 2, 3)), resolved_on=date(2025, 1, 20))
    assert early.ended_on(31) == date(2025, 2, 1)


def test_a_later_rule_reaches_back_and_is_not_taken_away_again() -> None:
    strict = replace(
        next(rule for rule in rulebook().rules if rule.id == "REC-07"),
        id="REC-99",
        effective_from=date(2025, 1, 1),
        effective_to=date(2025, 6, 1),
    )
    plain: Any = to_plain(strict.parameters)
    rows = [{**row, "months": 60} for row in plain["rows"]]
    strict = replace(strict, parameters={**strict.parameters, "rows": rows})
    sale = sold(paid(date(2026, 3, 31)))
    with_strict = replace(rulebook(), rules=(*rulebook().rules, strict))
    assert until(sale, release=with_strict) == date(2031, 3, 31)
    not_back = replace(rulebook(), rules=(*rulebook().rules, replace(strict, applies_to_existing=False)))
    assert until(sale, release=not_back) == date(2026, 9, 30)


KINDS = {
    AnchorKind.PARTIAL_PAYOUT: "partial",
    AnchorKind.FINAL_PAYOUT: "final",
    AnchorKind.CONTRACT_END: "end",
}
DAYS = st.dates(date(2023, 6, 1), date(2027, 12, 31))
LAGS = st.integers(0, 60) | st.sampled_from([0, 0, 30, 31, 32, 400])


@st.composite
def anchors(draw: st.DrawFn) -> Anchor:
    day = draw(DAYS)
    heard = day + timedelta(days=draw(LAGS | st.just(-1)))
    return anchor(draw(st.sampled_from(AnchorKind)), day, heard=heard, report=draw(st.uuids()).hex)


@st.composite
def products(draw: st.DrawFn) -> SoldProduct:
    return SoldProduct(
        sale_id=draw(st.uuids()),
        kind=draw(st.sampled_from(ProductKind)),
        form=draw(st.sampled_from(ProductForm)),
        term_months=draw(st.none() | st.sampled_from([1, 11, 12, 13, 60])),
        sold_on=draw(DAYS),
        anchors=tuple(draw(st.lists(anchors(), max_size=4))),
    )


@st.composite
def holds(draw: st.DrawFn) -> Hold:
    placed, resolved = draw(DAYS), draw(st.none() | DAYS)
    return Hold(
        source=draw(st.sampled_from(HoldSource)),
        matter_id=draw(st.uuids()).hex,
        placed_at=start_of(placed) + NOON,
        released_at=None if resolved is None else start_of(resolved + timedelta(days=draw(LAGS))) + NOON,
        resolved_on=resolved,
    )


def retold(sale: SoldProduct) -> oracle.Product:
    told = [oracle.Told(KINDS[a.kind], a.claimed_on, legal_date(a.reported_at)) for a in sale.anchors]
    return oracle.Product(
        sale.kind.value, sale.form is ProductForm.CLOSED_END, sale.term_months, sale.sold_on, told
    )


def rematter(hold: Hold) -> oracle.Matter:
    heard = None if hold.released_at is None else legal_date(hold.released_at)
    return oracle.Matter(hold.source.lower(), legal_date(hold.placed_at), hold.resolved_on, heard)


def disagreements(sales: list[SoldProduct], matters: list[Hold]) -> list[date]:
    """The days, of all that could tell them apart, of which the clock and the second reading differ."""
    last = until(*sales, holds=tuple(matters))
    if last is None:
        kept, free = [date(2023, 1, 1), TODAY, date(2300, 1, 1)], []
    else:
        kept = [last + timedelta(days=offset) for offset in (-400, -31, -1, 0)]
        free = [last + timedelta(days=offset) for offset in (1, 2, 31, 400, 20000)]
    told, retold_matters = [retold(sale) for sale in sales], [rematter(hold) for hold in matters]

    def must_keep(day: date) -> bool:
        return oracle.must_keep(told, retold_matters, day)

    return [day for day in kept if not must_keep(day)] + [day for day in free if must_keep(day)]


@given(st.lists(products(), max_size=3), st.lists(holds(), max_size=2))
def test_the_clock_agrees_with_the_second_reading(sales: list[SoldProduct], matters: list[Hold]) -> None:
    assert disagreements(sales, matters) == []


@st.composite
def finished(draw: st.DrawFn) -> SoldProduct:
    """A product that has an end, so that the days themselves are compared."""
    day = draw(DAYS)
    reports = (
        anchor(kind, day, heard=day + timedelta(days=draw(LAGS)), report=draw(st.uuids()).hex)
        for kind in (AnchorKind.FINAL_PAYOUT, AnchorKind.CONTRACT_END)
    )
    sale = draw(products())
    return replace(
        sale,
        kind=draw(st.sampled_from([ProductKind.WEALTH, ProductKind.INSURANCE, ProductKind.GOV_BOND])),
        term_months=draw(st.sampled_from([12, 13])),
        sold_on=date(2023, 1, 1),
        anchors=(*sale.anchors, *reports),
    )


@given(st.lists(finished(), min_size=1, max_size=3), st.lists(holds(), max_size=1))
def test_the_clock_agrees_about_products_that_ended(sales: list[SoldProduct], matters: list[Hold]) -> None:
    assert disagreements(sales, matters) == []


def later(one: date | None, other: date | None) -> bool:
    """Whether ``other`` keeps at least as long as ``one``."""
    return other is None or (one is not None and one <= other)


@given(finished(), anchors(), holds())
def test_more_news_never_shortens(sale: SoldProduct, news: Anchor, hold: Hold) -> None:
    before = until(sale)
    assert later(before, until(replace(sale, anchors=(*sale.anchors, news))))
    assert later(before, until(sale, holds=(hold,)))
    assert later(before, until(sale, replace(sale, sale_id=an_id(2), anchors=())))


@given(finished())
def test_never_earlier_than_any_rule(sale: SoldProduct) -> None:
    last = until(sale)
    assert last is not None
    for rule in ("REC-07", "REC-09"):
        alone = replace(rulebook(), rules=tuple(item for item in rulebook().rules if item.id == rule))
        of_rule = until(sale, release=alone)
        assert of_rule is None or of_rule <= last


@given(products(), st.randoms())
def test_the_order_of_reports_does_not_matter(sale: SoldProduct, chance: Any) -> None:
    shuffled = list(sale.anchors)
    chance.shuffle(shuffled)
    assert until(replace(sale, anchors=tuple(shuffled))) == until(sale)
