"""The register of outlets: whatever the order of staffing's facts, the newest state and the end remain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.ids import new_id
from compliance.outlets.domain import Outlet, OutletIsClosed, OutletState, OutletStatus

FACTS = (*(f"state {sequence}" for sequence in range(1, 6)), "end")


def state(code: str) -> OutletState:
    return OutletState(code=code, name="Renmin Road", capabilities=frozenset({"wealth_sale"}))


def tell(outlet: Outlet, fact: str) -> bool:
    return outlet.close() if fact == "end" else outlet.take(int(fact.split()[1]), state(fact))


@given(st.lists(st.sampled_from(FACTS), max_size=12))
def test_the_newest_state_and_the_end_remain(facts: list[str]) -> None:
    outlet = Outlet.first_heard(new_id())
    news = sum(tell(outlet, fact) for fact in facts)
    newest = max((fact for fact in facts if fact != "end"), default=None)
    assert outlet.state == (None if newest is None else state(newest))
    assert outlet.status is (OutletStatus.CLOSED if "end" in facts else OutletStatus.OPEN)
    assert outlet.version == news


def test_nothing_begins_at_a_closed_outlet() -> None:
    outlet = Outlet.first_heard(new_id())
    outlet.must_be_open()
    outlet.close()
    with pytest.raises(OutletIsClosed):
        outlet.must_be_open()
    outlet.take(1, state("SH-0001"))
    with pytest.raises(OutletIsClosed, match="SH-0001"):
        outlet.must_be_open()
