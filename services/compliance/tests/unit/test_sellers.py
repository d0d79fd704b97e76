"""The register of sellers: strictly in order, unknown while a fact is missing, never qualified by mistake."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.ids import new_id
from compliance.retention.release import shipped_release
from compliance.rulebook.seller_facts import QualificationFacts
from compliance.sellers.domain import (
    Change,
    Granted,
    Heard,
    Qualification,
    Reinstated,
    Revoked,
    Seller,
    Stated,
    Suspended,
)

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
OUTLET, RIGHT, OTHER = new_id(), new_id(), new_id()
STAFFING_KINDS = (
    "wealth",
    "agency_fund",
    "agency_securities",
    "agency_trust",
    "agency_insurance",
    "government_bond",
    "physical_metal",
)


def stated(*, active: bool = True, subject: str | None = "seller-1") -> Stated:
    return Stated(outlet_id=OUTLET, staff_number="100001", subject=subject, employer="bank", active=active)


def granted(which: UUID = RIGHT, kind: str = "wealth") -> Granted:
    return Granted(
        qualification_id=which, kind=kind, valid_from=date(2026, 1, 1), valid_to=date(2026, 12, 31)
    )


def suspended(until: datetime | None = None, start: datetime = NOW) -> Suspended:
    return Suspended(qualification_id=RIGHT, suspended_from=start, suspended_until=until)


def heard(*changes: Change) -> list[Heard]:
    """The changes as versions 1, 2, … of an employee, an hour apart from ``NOW`` on."""
    return [
        Heard(sequence=number, at=NOW + timedelta(hours=number - 1), change=change)
        for number, change in enumerate(changes, 1)
    ]


def told(*changes: Change) -> Seller:
    """A seller who has been told the changes in order."""
    seller = Seller.first_heard(new_id())
    for fact in heard(*changes):
        assert seller.take(fact)
    return seller


def rights(seller: Seller, at: datetime) -> list[QualificationFacts]:
    facts = seller.facts(at, "seller-1")
    assert facts is not None
    return list(facts.qualifications)


def test_one_fact_is_one_version() -> None:
    seller = told(stated(), granted())
    assert (seller.version, seller.sequence, seller.complete) == (2, 2, True)
    assert seller.outlet_id == OUTLET
    assert [held.kind for held in seller.qualifications] == ["wealth"]


def test_what_is_known_changes_nothing() -> None:
    seller = told(stated(), granted())
    for fact in heard(stated(subject="other"), Revoked(qualification_id=RIGHT)):
        assert not seller.take(fact)
    assert (seller.version, seller.subject) == (2, "seller-1")
    assert rights(seller, NOW)[0].revoked_at is None


def test_what_lies_behind_a_gap_waits_and_hides_the_seller() -> None:
    first, second, third = heard(stated(), granted(), Revoked(qualification_id=RIGHT))
    seller = Seller.first_heard(new_id())
    assert seller.facts(NOW, "seller-1") is None
    assert seller.take(first)
    assert seller.take(third)
    assert not seller.take(third)
    assert (seller.version, seller.sequence, seller.complete) == (2, 1, False)
    assert seller.facts(NOW, "seller-1") is None
    assert seller.take(second)
    assert (seller.version, seller.sequence, seller.complete) == (3, 3, True)
    assert rights(seller, NOW)[0].revoked_at == third.at


def test_a_right_before_the_person_waits() -> None:
    first, second = heard(stated(), granted())
    seller = Seller.first_heard(new_id())
    seller.take(second)
    assert seller.qualifications == ()
    seller.take(first)
    assert len(seller.qualifications) == 1


@pytest.mark.parametrize(
    ("until", "at", "rests"),
    [
        (None, NOW + timedelta(days=900), True),
        (NOW + timedelta(days=1), NOW + timedelta(days=1) - timedelta(microseconds=1), True),
        (NOW + timedelta(days=1), NOW + timedelta(days=1), False),
    ],
)
def test_a_suspension_rests_until_before_its_end(until: datetime | None, at: datetime, rests: bool) -> None:
    seller = told(stated(), granted(), suspended(until))
    assert rights(seller, at)[0].suspended_at == (NOW if rests else None)


def test_a_lifted_suspension_is_no_longer_stated() -> None:
    seller = told(stated(), granted(), suspended(), Reinstated(qualification_id=RIGHT))
    assert rights(seller, NOW)[0].suspended_at is None


def test_changes_touch_their_own_right_only() -> None:
    seller = told(stated(), granted(), granted(OTHER, "agency_fund"), Revoked(qualification_id=OTHER))
    assert [held.revoked_at is None for held in rights(seller, NOW)] == [True, False]
    assert told(stated(), granted(), Revoked(qualification_id=OTHER)).qualifications[0].revoked_at is None


def test_every_right_ends_with_the_employment() -> None:
    seller = told(stated(), granted(), stated(active=False, subject=None))
    assert rights(seller, NOW)[0].revoked_at == NOW + timedelta(hours=2)
    again = told(stated(), granted(), Revoked(qualification_id=RIGHT), stated(active=False, subject=None))
    assert rights(again, NOW)[0].revoked_at == NOW + timedelta(hours=2)


def test_a_case_in_a_foreign_name_has_no_seller() -> None:
    assert told(stated()).facts(NOW, "seller-2") is None
    assert told(stated(subject=None)).facts(NOW, "seller-1") is None


def test_every_kind_that_the_rulebook_knows_is_one_that_staffing_grants() -> None:
    release = shipped_release()
    covers = next(rule for rule in release.rules if rule.id == "SAL-01").parameters["covers"]
    assert isinstance(covers, dict)
    kinds = {
        Qualification(
            qualification_id=RIGHT, kind=kind, valid_from=NOW.date(), valid_to=None
        ).facts(NOW, None).kind
        for kind in STAFFING_KINDS
    }  # fmt: skip
    assert {kind for covering in covers.values() for kind in covering} == kinds


CHANGES = st.sampled_from(
    [
        stated(),
        granted(OTHER, "agency_fund"),
        Revoked(qualification_id=RIGHT),
        suspended(),
        suspended(NOW + timedelta(hours=3)),
        Reinstated(qualification_id=RIGHT),
        stated(active=False),
    ]
)


@given(st.lists(CHANGES, max_size=7), st.data())
def test_any_order_and_any_repetition_end_where_the_order_of_versions_ends(
    changes: list[Change], data: st.DataObject
) -> None:
    """Until every fact is there the seller is unknown to the gate; then he is what their order makes him."""
    facts = heard(stated(), granted(), *changes)
    seller = Seller.first_heard(new_id())
    arriving = data.draw(st.permutations(facts))
    arriving = [*arriving, *data.draw(st.lists(st.sampled_from(facts), max_size=4))]
    present: set[int] = set()
    for fact in arriving:
        version = seller.version
        assert seller.take(fact) == (fact.sequence not in present)
        assert seller.version == version + (fact.sequence not in present)
        present.add(fact.sequence)
        whole = present == set(range(1, max(present) + 1))
        assert seller.complete == whole
        if not whole:
            assert seller.facts(NOW, "seller-1") is None
    in_order = told(*(fact.change for fact in facts))
    for at in (NOW, NOW + timedelta(hours=5)):
        expected = in_order.facts(at, "seller-1")
        found = seller.facts(at, "seller-1")
        assert found is not None
        assert expected is not None
        assert (found.outlet_id, found.qualifications) == (expected.outlet_id, expected.qualifications)
