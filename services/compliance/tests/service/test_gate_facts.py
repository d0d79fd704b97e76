"""Each kind of fact changed beside the gate, in every order (G1): no sale on what no longer holds.

``RACES=full`` makes 1,000 runs; otherwise every kind runs once, in an order that the seed chooses.
"""

import os
import random
from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_type_hints

import pytest

from chassis.testing import ServiceKit
from compliance.retention.release import shipped_release
from compliance.rulebook.checks import SALE_CHECKS
from compliance.rulebook.decisions import State, decide
from compliance.rulebook.facts import SaleFacts
from compliance.sales.audit import suspicions
from services.compliance.tests.case_changes import ALONG, FIXED, KINDS_OF_FACTS
from services.compliance.tests.changes import Kind
from services.compliance.tests.racing import Order, Race, instants, member, race
from services.compliance.tests.selling import broken, fellow, filmed

FULL = os.environ.get("RACES") == "full"
RUNS = 1_000 if FULL else len(KINDS_OF_FACTS)
#: Members whose own members have entries; the others are changed as a whole.
OPENED = ("product", "partner", "seller", "zone", "outlet", "assessment", "hands", "customer", "safeguards")


def members() -> set[str]:
    """Every member of the facts, and the members of the opened ones."""
    hints = get_type_hints(SaleFacts)
    found = {item.name for item in fields(SaleFacts)} - set(OPENED)
    for name in OPENED:
        (type_,) = [one for one in get_args(hints[name]) if is_dataclass(one)]
        found |= {f"{name}.{item.name}" for item in fields(type_)}
    return found


def test_every_member_of_the_facts_has_an_entry() -> None:
    entered = [kind.member for kind in KINDS_OF_FACTS]
    fixed = [name for names in FIXED.values() for name in names]
    along = [name for names in ALONG.values() for name in names]
    assert {*entered, *fixed, *along} == members()
    assert not {*entered} & {*fixed, *along}
    assert len({*fixed, *along}) == len(fixed) + len(along)
    assert ALONG.keys() <= {*entered}
    assert len({kind.name for kind in KINDS_OF_FACTS}) == len(KINDS_OF_FACTS)


def failed(facts: SaleFacts) -> set[str]:
    """The rules that stand against a sale on these facts."""
    decision = decide(shipped_release(), SALE_CHECKS, facts)
    return {outcome.rule for outcome in decision.outcomes if outcome.state is State.FAILED}


def orders(kind: Kind) -> list[Order]:
    """The orders of this kind's runs: every order as often as the others, in a row that the seed chooses."""
    place = KINDS_OF_FACTS.index(kind)
    count = RUNS // len(KINDS_OF_FACTS) + (place < RUNS % len(KINDS_OF_FACTS))
    chance = random.Random(f"{kind.member} {kind.name}")
    row: list[Order] = []
    while len(row) < count:
        row += chance.sample(list(Order), len(Order))
    return row[:count]


def check(kind: Kind, order: Order, run: Race) -> None:
    """No wrong sale: what was decided on held when the gate committed, and the answer follows from it."""
    before, after, decided = (member(facts, kind.member) for facts in (run.before, run.after, run.decided))
    found = failed(run.decided)
    if run.answer.status_code == 201:
        assert found == set()
    else:
        assert {rule for rule, _ in broken(run.answer)} == found
    assert run.waited is not kind.free
    if order is Order.CHANGE and kind.rule is not None and not kind.free:
        # A sale uses what it rests on: afterwards it may be gone.
        assert decided != before
        assert decided == after or run.answer.status_code == 201
        assert kind.rule in failed(run.before) ^ found
        return
    # The gate was first, whether the change was refused then or came later.
    if not kind.free or order is Order.GATE:
        assert decided == before
    else:
        assert decided in (before, after)
    if not kind.foreign:
        late = run.decided.decided_at
        assert all(instant >= late for instant in instants(after) - instants(decided)), (
            "dated before the decision that it waited for"
        )


@pytest.mark.parametrize("kind", KINDS_OF_FACTS, ids=lambda kind: kind.name)
async def test_no_sale_rests_on_what_was_changed_meanwhile(kit: ServiceKit, kind: Kind) -> None:
    chance = random.Random(f"in company {kind.name}")
    for order in orders(kind):
        await kit.reset()
        deal = await kind.make(kit)
        # A sale that is charged for goes alone.
        shares = not kind.free and kind.member != "fees" and chance.random() < 0.5
        companion = await filmed(await fellow(deal)) if shares else None
        run = await race(deal, kind.change, order, companion)
        check(kind, order, run)
        async with kit.session() as session:
            assert await suspicions(session) == []


def test_the_orders_of_all_runs_are_even() -> None:
    counted: dict[Any, int] = dict.fromkeys(Order, 0)
    for kind in KINDS_OF_FACTS:
        for order in orders(kind):
            counted[order] += 1
    assert sum(counted.values()) == RUNS
    assert min(counted.values()) >= RUNS / 5


async def test_an_alert_is_dated_after_the_decision_that_it_waited_for(kit: ServiceKit) -> None:
    (kind,) = [one for one in KINDS_OF_FACTS if one.name == "suspected"]
    check(kind, Order.HEADS, await race(await kind.make(kit), kind.change, Order.HEADS))
