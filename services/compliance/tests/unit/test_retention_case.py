"""The keeping of one recording: counted holds, the ratchet, disposal in two steps, and anything at all."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chassis.events import Fact
from compliance.evidence.domain import to_plain
from compliance.periods.domain import end_of, legal_date
from compliance.retention.domain import (
    AlreadyDisposed,
    Anchor,
    AnchorKind,
    DisposalNotAuthorised,
    HoldSource,
    RetentionCase,
    RetentionState,
    SoldProduct,
    clock_trusted,
)
from compliance.retention.events import (
    DisposalAuthorised,
    DisposalRefused,
    HoldPlaced,
    HoldReleased,
    RetentionDated,
)
from compliance.retention.release import FUNCTIONS
from compliance.rulebook.decisions import Decision
from compliance.rulebook.facts import ProductForm, ProductKind
from compliance.rulebook.loading import stored_release
from services.compliance.tests.unit.builders import an_id, rulebook
from services.compliance.tests.unit.manifests import a_manifest

START = datetime(2024, 8, 31, 4, 0, tzinfo=UTC)
COMPLAINT = HoldSource.COMPLAINT


@dataclass
class Head:
    id: UUID
    version: int = 1


def a_sale(n: int = 1, kind: ProductKind = ProductKind.WEALTH) -> SoldProduct:
    return SoldProduct(
        sale_id=an_id(n),
        kind=kind,
        form=ProductForm.CLOSED_END,
        term_months=12,
        sold_on=legal_date(START),
        anchors=(),
    )


def payout(day: date, report: str = "p-1") -> Anchor:
    instant = datetime(day.year, day.month, day.day, 4, 0, tzinfo=UTC)
    return Anchor(report_id=report, kind=AnchorKind.FINAL_PAYOUT, claimed_on=day, reported_at=instant)


class Keeping:
    """A case with its head, at one instant; every fact is collected."""

    def __init__(self) -> None:
        self.case = RetentionCase.begin(an_id(9))
        self.head = Head(an_id(9))
        self.release = rulebook()

    def dispose(self, at: datetime, **more: Any) -> tuple[Decision, DisposalAuthorised | DisposalRefused]:
        given: dict[str, Any] = {"attempt_id": an_id(70), "by": "officer-1", "at": at}
        given |= {"clock_trusted": True, "holds_fresh": True} | more
        return self.case.authorise_disposal(self.head, a_manifest(), self.release, **given)


@pytest.fixture
def kept() -> Keeping:
    """A recording that proves one sale, paid out on 31 August 2025."""
    keeping = Keeping()
    keeping.case.prove(keeping.head, a_sale(), keeping.release, START)
    keeping.case.report(keeping.head, an_id(1), payout(date(2025, 8, 31)), keeping.release, START)
    return keeping


def test_the_clock_starts_with_the_payout(kept: Keeping) -> None:
    assert kept.case.retain_until == date(2026, 2, 28)
    assert kept.head.version == 2


def test_a_repeated_report_changes_nothing(kept: Keeping) -> None:
    case, head, release = kept.case, kept.head, kept.release
    assert case.report(head, an_id(1), payout(date(2025, 8, 31)), release, START) is None
    assert case.report(head, an_id(1), payout(date(2024, 9, 1)), release, START) is None
    assert case.prove(head, a_sale(), release, START) is None
    assert (case.retain_until, head.version) == (date(2026, 2, 28), 2)


def test_a_backdated_second_payout_changes_nothing(kept: Keeping) -> None:
    early = payout(date(2024, 9, 1), "p-2")
    assert kept.case.report(kept.head, an_id(1), early, kept.release, START) is None
    assert kept.case.retain_until == date(2026, 2, 28)


def test_a_payout_of_another_sale_is_not_taken(kept: Keeping) -> None:
    with pytest.raises(KeyError):
        kept.case.report(kept.head, an_id(2), payout(date(2025, 9, 1)), kept.release, START)


def test_a_shorter_rule_does_not_shorten_what_was_known(kept: Keeping) -> None:
    plain: Any = to_plain(kept.release)
    for row in (row for item in plain["rules"] for row in item["parameters"].get("rows", ())):
        row["months"] = 1
    shorter = stored_release(plain, FUNCTIONS)
    assert kept.case.reckon(kept.head, shorter, START) is None
    assert kept.case.retain_until == date(2026, 2, 28)
    kept.release = shorter
    decision, _ = kept.dispose(end_of(date(2025, 12, 1)))
    assert not decision.passed


@pytest.mark.rule("REC-08")
def test_holds_are_counted_by_source_and_matter(kept: Keeping) -> None:
    case, head, release = kept.case, kept.head, kept.release
    placed, dated = case.place_hold(head, COMPLAINT, "C-1", release, START)
    assert isinstance(placed, HoldPlaced)
    assert isinstance(dated, RetentionDated)
    assert (placed.open_holds, dated.retain_until) == (1, None)
    assert dated.version == placed.version + 1
    assert case.place_hold(head, COMPLAINT, "C-1", release, START) == ()
    (second,) = case.place_hold(head, HoldSource.COURT, "C-1", release, START)
    assert isinstance(second, HoldPlaced)
    assert second.open_holds == 2
    day = date(2025, 10, 1)
    assert case.release_hold(head, COMPLAINT, "C-2", day, release, START) == ()
    (released,) = case.release_hold(head, COMPLAINT, "C-1", day, release, START)
    assert isinstance(released, HoldReleased)
    assert released.open_holds == 1
    assert case.release_hold(head, COMPLAINT, "C-1", day, release, START) == ()
    _, again = case.release_hold(head, HoldSource.COURT, "C-1", day, release, START)
    assert isinstance(again, RetentionDated)
    assert again.retain_until == date(2026, 2, 28)


@pytest.mark.rule("REC-08")
def test_a_matter_that_opens_again_holds_again(kept: Keeping) -> None:
    case, head, release = kept.case, kept.head, kept.release
    case.place_hold(head, COMPLAINT, "C-1", release, START)
    case.release_hold(head, COMPLAINT, "C-1", date(2025, 10, 1), release, START)
    assert case.place_hold(head, COMPLAINT, "C-1", release, START)
    decision, fact = kept.dispose(end_of(date(2026, 2, 28)))
    assert isinstance(fact, DisposalRefused)
    assert fact.codes == ("LEGAL_HOLD",)
    assert not decision.passed


def test_a_refused_disposal_is_a_record_and_changes_nothing(kept: Keeping) -> None:
    before = (kept.head.version, kept.case.state)
    decision, fact = kept.dispose(end_of(date(2026, 2, 27)))
    assert isinstance(fact, DisposalRefused)
    assert (fact.version, fact.key, fact.rules) == (1, str(an_id(70)), ("REC-07",))
    assert fact.decision == decision.digest
    assert (kept.head.version, kept.case.state) == before


@pytest.mark.rule("REC-07")
def test_a_disposal_in_two_steps(kept: Keeping) -> None:
    at = end_of(date(2026, 2, 28))
    decision, fact = kept.dispose(at)
    assert isinstance(fact, DisposalAuthorised)
    assert kept.case.state is RetentionState.DISPOSING
    certificate = kept.case.certificate
    assert certificate is not None
    assert certificate.decision == decision.digest
    assert certificate.retain_until == date(2026, 2, 28)
    assert certificate.rules == ("REC-07", "REC-08")
    assert certificate.objects == a_manifest().objects
    with pytest.raises(AlreadyDisposed):
        kept.dispose(at)
    with pytest.raises(AlreadyDisposed):
        kept.case.prove(kept.head, a_sale(2), kept.release, at)
    done = kept.case.complete_disposal(kept.head, at)
    assert (done.version, done.certificate) == (fact.version + 1, certificate.digest)
    with pytest.raises(DisposalNotAuthorised):
        kept.case.complete_disposal(kept.head, at)
    with pytest.raises(AlreadyDisposed):
        kept.dispose(at)


def test_a_hold_that_comes_in_between_can_take_it_back(kept: Keeping) -> None:
    at = end_of(date(2026, 2, 28))
    kept.dispose(at)
    assert kept.case.place_hold(kept.head, COMPLAINT, "C-1", kept.release, at)
    assert kept.case.open_holds
    withdrawn = kept.case.withdraw_disposal(kept.head, at)
    assert withdrawn.certificate_id == an_id(70)
    assert (kept.case.state, kept.case.certificate) == (RetentionState.KEPT, None)
    with pytest.raises(DisposalNotAuthorised):
        kept.case.withdraw_disposal(kept.head, at)
    _, fact = kept.dispose(at)
    assert isinstance(fact, DisposalRefused)


def test_a_hold_after_the_end_stays_visible(kept: Keeping) -> None:
    at = end_of(date(2026, 2, 28))
    kept.dispose(at)
    kept.case.complete_disposal(kept.head, at)
    (placed,) = kept.case.place_hold(kept.head, COMPLAINT, "C-1", kept.release, at)
    assert isinstance(placed, HoldPlaced)
    assert kept.case.state is RetentionState.DISPOSED


NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("others", "last_seen", "trusted"),
    [
        ([NOW], NOW, True),
        ([NOW + 5 * SECOND, NOW - 5 * SECOND], NOW - timedelta(hours=24), True),
        ([], NOW, False),
        ([NOW], None, False),
        ([NOW, NOW + 6 * SECOND], NOW, False),
        ([NOW - 6 * SECOND], NOW, False),
        ([NOW], NOW - timedelta(hours=24) - SECOND, False),
        ([NOW], NOW + 6 * SECOND, False),
    ],
)
def test_a_clock_is_trusted_by_its_neighbours(
    others: list[datetime], last_seen: datetime | None, trusted: bool
) -> None:
    assert clock_trusted(NOW, others, last_seen) is trusted


class Life(RuleBasedStateMachine):
    """Anything may happen to a recording in any order; some things never may."""

    def __init__(self) -> None:
        super().__init__()
        self.kept = Keeping()
        self.now = START
        self.facts: list[Fact] = []
        self.held: set[tuple[HoldSource, str]] = set()
        self.longest: date | None = None
        self.reports = 0

    def take(self, *facts: Fact | None) -> None:
        self.facts += [fact for fact in facts if fact is not None]
        until = self.kept.case.retain_until
        if until is not None:
            assert self.longest is None or until >= self.longest
            self.longest = until

    @initialize(kind=st.sampled_from([ProductKind.WEALTH, ProductKind.INSURANCE]))
    def sell(self, kind: ProductKind) -> None:
        self.take(self.kept.case.prove(self.kept.head, a_sale(1, kind), self.kept.release, self.now))

    @rule(days=st.sampled_from([1, 30, 180, 400, 4000]))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule(kind=st.sampled_from(AnchorKind), back=st.sampled_from([0, 1, 31, 32, 500, -1]))
    def told(self, kind: AnchorKind, back: int) -> None:
        self.reports += 1
        day = legal_date(self.now) - timedelta(days=back)
        anchor = Anchor(report_id=f"r{self.reports}", kind=kind, claimed_on=day, reported_at=self.now)
        self.take(self.kept.case.report(self.kept.head, an_id(1), anchor, self.kept.release, self.now))

    @rule(source=st.sampled_from(HoldSource), matter=st.sampled_from("AB"))
    def hold(self, source: HoldSource, matter: str) -> None:
        facts = self.kept.case.place_hold(self.kept.head, source, matter, self.kept.release, self.now)
        assert bool(facts) == ((source, matter) not in self.held)
        self.held.add((source, matter))
        self.take(*facts)

    @rule(
        source=st.sampled_from(HoldSource), matter=st.sampled_from("AB"), back=st.sampled_from([0, 10, 900])
    )
    def release(self, source: HoldSource, matter: str, back: int) -> None:
        day = legal_date(self.now) - timedelta(days=back)
        facts = self.kept.case.release_hold(self.kept.head, source, matter, day, self.kept.release, self.now)
        assert bool(facts) == ((source, matter) in self.held)
        self.held.discard((source, matter))
        self.take(*facts)

    @precondition(lambda self: self.kept.case.state is RetentionState.KEPT)
    @rule(clock=st.booleans(), fresh=st.booleans())
    def try_to_dispose(self, clock: bool, fresh: bool) -> None:
        until = self.kept.case.retain_until
        decision, fact = self.kept.dispose(self.now, clock_trusted=clock, holds_fresh=fresh)
        due = until is not None and self.now >= end_of(until) and not self.held and clock and fresh
        assert decision.passed == due == isinstance(fact, DisposalAuthorised)
        if isinstance(fact, DisposalAuthorised):
            self.take(fact)

    @precondition(lambda self: self.kept.case.state is RetentionState.DISPOSING)
    @rule()
    def finish(self) -> None:
        if self.held:
            self.take(self.kept.case.withdraw_disposal(self.kept.head, self.now))
        else:
            self.take(self.kept.case.complete_disposal(self.kept.head, self.now))

    @invariant()
    def facts_count_versions_one_by_one(self) -> None:
        assert [fact.version for fact in self.facts] == list(range(2, 2 + len(self.facts)))
        assert self.kept.head.version == 1 + len(self.facts)

    @invariant()
    def holds_are_those_that_were_placed(self) -> None:
        assert {(hold.source, hold.matter_id) for hold in self.kept.case.open_holds} == self.held


Life.TestCase.settings = settings(stateful_step_count=30)
TestLife = Life.TestCase
