"""When a qualification lets its holder sell: boundaries of days, suspensions and revocation."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staffing.employees.domain import Employee, EmployeeHasLeft, Employer, Post
from staffing.qualifications.domain import (
    Qualification,
    QualificationIsRevoked,
    QualificationIsSuspended,
    QualificationKind,
    QualificationNotFound,
    QualificationNotSuspended,
    QualificationOverlaps,
    QualificationState,
    SuspensionInvalid,
    ValidityInvalid,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEALTH, FUND = QualificationKind.WEALTH, QualificationKind.AGENCY_FUND
EMPLOYEE, OUTLET = UUID(int=1), UUID(int=2)
FIRST, SECOND = UUID(int=11), UUID(int=12)
AT = datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)
TICK = timedelta(microseconds=1)


def employee() -> Employee:
    joined, _ = Employee.join(
        EMPLOYEE,
        staff_number="100001",
        outlet_id=OUTLET,
        subject="seller-1",
        employer=Employer.BANK,
        posts=(Post.WEALTH_MANAGER,),
        at=AT,
    )
    return joined


def qualified(valid_from: date = date(2026, 1, 1), valid_to: date | None = None) -> Employee:
    holder = employee()
    holder.grant(FIRST, kind=WEALTH, valid_from=valid_from, valid_to=valid_to, at=AT)
    return holder


def state(holder: Employee, at: datetime) -> QualificationState:
    return holder.qualification(FIRST).state(at)


@pytest.mark.parametrize(
    ("at", "holds"),
    [
        (datetime(2026, 2, 28, 23, 59, 59, 999999, tzinfo=SHANGHAI), False),
        (datetime(2026, 3, 1, 0, 0, tzinfo=SHANGHAI), True),
        (datetime(2026, 3, 31, 23, 59, 59, 999999, tzinfo=SHANGHAI), True),
        (datetime(2026, 4, 1, 0, 0, tzinfo=SHANGHAI), False),
        # The same boundaries as other zones write them.
        (datetime(2026, 2, 28, 15, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 2, 28, 16, 0, tzinfo=UTC), True),
        (datetime(2026, 3, 31, 15, 59, 59, tzinfo=UTC), True),
        (datetime(2026, 3, 31, 16, 0, tzinfo=UTC), False),
    ],
)
def test_both_days_are_included_in_shanghai(at: datetime, holds: bool) -> None:
    assert qualified(date(2026, 3, 1), date(2026, 3, 31)).holds(WEALTH, at) is holds


def test_a_qualification_of_one_day_and_one_without_end() -> None:
    assert qualified(date(2026, 3, 2), date(2026, 3, 2)).holds(WEALTH, AT)
    assert qualified().holds(WEALTH, AT + timedelta(days=36_500))


def test_it_covers_its_own_kind_alone() -> None:
    assert not qualified().holds(FUND, AT)


def test_the_last_day_may_not_lie_before_the_first() -> None:
    holder = employee()
    with pytest.raises(ValidityInvalid):
        holder.grant(FIRST, kind=WEALTH, valid_from=date(2026, 3, 2), valid_to=date(2026, 3, 1), at=AT)
    assert (holder.version, holder.qualifications) == (1, [])


def test_a_revocation_takes_effect_at_its_instant_and_is_final() -> None:
    holder = qualified()
    fact = holder.revoke(FIRST, reason="Mis-selling", at=AT)
    assert (fact.kind, fact.reason, fact.version) == ("wealth", "Mis-selling", 3)
    assert holder.holds(WEALTH, AT - TICK)
    assert not holder.holds(WEALTH, AT)
    for change in (
        lambda: holder.revoke(FIRST, reason="again", at=AT),
        lambda: holder.reinstate(FIRST, at=AT),
        lambda: holder.suspend(FIRST, suspended_from=AT, suspended_until=None, reason="late", at=AT),
    ):
        with pytest.raises(QualificationIsRevoked):
            change()
    assert holder.version == 3


def test_after_a_revocation_a_new_one_may_be_granted() -> None:
    holder = qualified()
    holder.revoke(FIRST, reason="Mis-selling", at=AT)
    holder.grant(SECOND, kind=WEALTH, valid_from=date(2026, 3, 2), valid_to=None, at=AT + TICK)
    assert holder.holds(WEALTH, AT + TICK)


def test_a_suspension_begins_at_its_instant_and_ends_before_its_end() -> None:
    holder = qualified()
    start, end = AT + timedelta(hours=1), AT + timedelta(hours=2)
    holder.suspend(FIRST, suspended_from=start, suspended_until=end, reason="Review", at=AT)
    assert [holder.holds(WEALTH, at) for at in (start - TICK, start, end - TICK, end)] == [
        True, False, False, True,
    ]  # fmt: skip


def test_an_open_suspension_ends_when_it_is_reinstated() -> None:
    holder = qualified()
    holder.suspend(FIRST, suspended_from=AT, suspended_until=None, reason="Review", at=AT)
    assert not holder.holds(WEALTH, AT + timedelta(days=1000))
    holder.reinstate(FIRST, at=AT + timedelta(hours=1))
    assert not holder.holds(WEALTH, AT + timedelta(hours=1) - TICK)
    assert holder.holds(WEALTH, AT + timedelta(hours=1))


def test_a_suspension_still_to_come_can_be_taken_back() -> None:
    holder = qualified()
    start = AT + timedelta(days=7)
    holder.suspend(FIRST, suspended_from=start, suspended_until=None, reason="Leave", at=AT)
    holder.reinstate(FIRST, at=AT)
    assert holder.holds(WEALTH, start)


def test_there_is_one_suspension_at_a_time() -> None:
    holder = qualified()
    end = AT + timedelta(hours=1)
    holder.suspend(FIRST, suspended_from=AT, suspended_until=end, reason="Review", at=AT)
    with pytest.raises(QualificationIsSuspended):
        holder.suspend(FIRST, suspended_from=end, suspended_until=None, reason="More", at=AT)
    holder.suspend(FIRST, suspended_from=end, suspended_until=None, reason="More", at=end)
    assert not holder.holds(WEALTH, end)


@pytest.mark.parametrize(
    ("start", "end"),
    [(-TICK, None), (timedelta(0), timedelta(0)), (timedelta(hours=1), timedelta(hours=1) - TICK)],
)
def test_a_suspension_never_reaches_back_nor_ends_before_it_begins(
    start: timedelta, end: timedelta | None
) -> None:
    holder = qualified()
    until = None if end is None else AT + end
    with pytest.raises(SuspensionInvalid):
        holder.suspend(FIRST, suspended_from=AT + start, suspended_until=until, reason="Review", at=AT)
    assert holder.version == 2


def test_what_is_not_suspended_cannot_be_reinstated() -> None:
    holder = qualified()
    with pytest.raises(QualificationNotSuspended):
        holder.reinstate(FIRST, at=AT)
    end = AT + timedelta(hours=1)
    holder.suspend(FIRST, suspended_from=AT, suspended_until=end, reason="Review", at=AT)
    with pytest.raises(QualificationNotSuspended):
        holder.reinstate(FIRST, at=end)


def test_a_new_period_does_not_undo_a_suspension_that_nobody_lifted() -> None:
    holder = qualified(date(2026, 1, 1), date(2026, 3, 31))
    holder.suspend(FIRST, suspended_from=AT, suspended_until=None, reason="Review", at=AT)
    with pytest.raises(QualificationIsSuspended):
        holder.grant(SECOND, kind=WEALTH, valid_from=date(2026, 4, 1), valid_to=None, at=AT)
    holder.grant(SECOND, kind=FUND, valid_from=date(2026, 4, 1), valid_to=None, at=AT)


def test_a_renewal_begins_the_day_after() -> None:
    holder = qualified(date(2026, 1, 1), date(2026, 3, 31))
    with pytest.raises(QualificationOverlaps):
        holder.grant(SECOND, kind=WEALTH, valid_from=date(2026, 3, 31), valid_to=None, at=AT)
    holder.grant(SECOND, kind=WEALTH, valid_from=date(2026, 4, 1), valid_to=None, at=AT)


def test_states_as_time_goes_by() -> None:
    holder = qualified(date(2026, 3, 3), date(2026, 3, 10))
    day = timedelta(days=1)
    holder.suspend(FIRST, suspended_from=AT + 2 * day, suspended_until=AT + 3 * day, reason="x", at=AT)
    assert [state(holder, AT + number * day).value for number in (0, 1, 2, 3, 9)] == [
        "pending", "valid", "suspended", "valid", "expired",
    ]  # fmt: skip
    holder.revoke(FIRST, reason="Mis-selling", at=AT + 9 * day)
    assert state(holder, AT + 9 * day) is QualificationState.REVOKED


def test_who_has_left_holds_nothing_and_changes_no_more() -> None:
    holder = qualified()
    fact = holder.leave(at=AT)
    assert (fact.active, fact.subject, fact.version) == (False, None, 3)
    assert holder.holds(WEALTH, AT - TICK)
    assert not holder.holds(WEALTH, AT)
    for change in (
        lambda: holder.leave(at=AT),
        lambda: holder.revoke(FIRST, reason="late", at=AT),
        lambda: holder.grant(SECOND, kind=FUND, valid_from=date(2026, 1, 1), valid_to=None, at=AT),
        lambda: holder.change(outlet_id=OUTLET, subject=None, employer=Employer.BANK, posts=(), at=AT),
    ):
        with pytest.raises(EmployeeHasLeft):
            change()
    assert holder.version == 3


def test_an_unknown_qualification() -> None:
    with pytest.raises(QualificationNotFound):
        qualified().revoke(SECOND, reason="none", at=AT)


days = st.dates(date(2026, 1, 1), date(2026, 1, 20))
ends = st.none() | days


@given(days, ends, days, ends)
def test_two_overlap_when_they_share_a_day(
    first_from: date, first_to: date | None, second_from: date, second_to: date | None
) -> None:
    def covered(start: date, end: date | None) -> set[int]:
        return set(range(start.toordinal(), (end or date(2026, 3, 1)).toordinal() + 1))

    first = Qualification(FIRST, EMPLOYEE, WEALTH, first_from, first_to)
    second = Qualification(SECOND, EMPLOYEE, WEALTH, second_from, second_to)
    if not covered(first_from, first_to) or not covered(second_from, second_to):
        return
    shared = bool(covered(first_from, first_to) & covered(second_from, second_to))
    assert first.overlaps(second) is shared
    assert second.overlaps(first) is shared
