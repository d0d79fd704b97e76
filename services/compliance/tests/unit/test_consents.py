"""Consents: which answer a recording rests on, and what can be taken back."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.ids import new_id
from compliance.consents.domain import Consent, ConsentIsWithdrawn, ConsentNotGiven, Purpose, deciding

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CUSTOMER, SESSION = new_id(), new_id()


def answer(minute: int = 0, *, given: bool = True) -> Consent:
    return Consent(
        id=new_id(),
        customer_id=CUSTOMER,
        customer_version=2 + minute,
        case_id=new_id(),
        session_id=SESSION,
        purpose=Purpose.RECORDING,
        given=given,
        notice_version="2026-01",
        answered_by="customer-1",
        answered_at=NOW + timedelta(minutes=minute),
    )


def withdraw(consent: Consent, at: datetime = NOW) -> None:
    consent.withdraw(new_id(), customer_version=9, by="customer-1", at=at)


def test_a_consent_is_taken_back_once() -> None:
    consent = answer()
    assert (consent.version, consent.stands, consent.facts().withdrawn_at) == (1, True, None)
    withdraw(consent, NOW + timedelta(hours=1))
    assert (consent.version, consent.stands) == (2, False)
    assert consent.facts().withdrawn_at == NOW + timedelta(hours=1)
    with pytest.raises(ConsentIsWithdrawn):
        withdraw(consent)


def test_a_refusal_has_nothing_to_take_back() -> None:
    refused = answer(given=False)
    assert not refused.stands
    with pytest.raises(ConsentNotGiven):
        withdraw(refused)


def test_a_recording_rests_on_the_last_answer_before_it() -> None:
    first, second, third = answer(0), answer(10, given=False), answer(20)
    known = [first, second, third]
    assert deciding([], NOW) is None
    assert deciding(known, None) is third
    assert deciding(known, NOW + timedelta(minutes=10)) is second
    assert deciding(known, NOW + timedelta(minutes=15)) is second
    assert deciding(known, NOW + timedelta(minutes=20)) is third
    # Nothing was asked before: what was asked afterwards shows the gate that it came too late.
    assert deciding(known, NOW - timedelta(minutes=1)) is third


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=6), st.integers(-1, 10))
def test_a_later_yes_never_hides_an_earlier_no(answers: list[tuple[int, bool]], start: int) -> None:
    """Of all answers up to the start only the last can decide, so no recording begins on an overruled one."""
    known = [answer(minute, given=given) for minute, given in sorted(answers)]
    found = deciding(known, NOW + timedelta(minutes=start))
    earlier = [held for held in known if held.answered_at <= NOW + timedelta(minutes=start)]
    expected: UUID | None = (earlier or known)[-1].id if known else None
    assert (None if found is None else found.id) == expected
