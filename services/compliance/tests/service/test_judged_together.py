"""G1: cases that are judged together are judged by the facts that each has alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from chassis.testing import ServiceKit
from compliance.cases.queries import case as case_of
from compliance.rulebook.facts import SaleFacts
from compliance.sales.gate import judge, judge_named
from compliance.sales.reading import named_heads
from services.compliance.tests.case_changes import KINDS_OF_FACTS
from services.compliance.tests.changes import Kind
from services.compliance.tests.racing import ids
from services.compliance.tests.selling import Deal, fellow, filmed, make_ready


async def facts_alone(deal: Deal) -> SaleFacts:
    case_id, recording_id = ids(deal)
    async with deal.kit.session() as session:
        return (
            await judge(session, deal.kit.clock, deal.kit.settings, case_id, recording_id, share=True)
        ).facts


async def facts_together(kit: ServiceKit, deals: Sequence[Deal]) -> list[SaleFacts]:
    async with kit.session() as session:
        about = [(await case_of(session, one), recording_id) for one, recording_id in map(ids, deals)]
        named = await named_heads(session, about)
        judged = await judge_named(session, kit.clock, kit.settings, named, share=True)
        return [one.facts for one in judged]


@pytest.mark.parametrize("kind", KINDS_OF_FACTS, ids=lambda kind: kind.name)
async def test_each_is_judged_as_it_would_be_alone(kit: ServiceKit, kind: Kind) -> None:
    """Beside another customer of the seller, of whom less is known, before the change and after it."""
    deal = await kind.make(kit)
    beside = await fellow(deal, "customer-8")
    await beside.open_case(told=False)
    assert deal.case is not None
    beside.recording = deal.recording
    for change in (None, kind.change):
        if change is not None:
            await change(deal)
        one = UUID(int=0)
        alone = [replace(await facts_alone(each), attempt_id=one) for each in (deal, beside)]
        for order in ((deal, beside), (beside, deal)):
            found = [replace(facts, attempt_id=one) for facts in await facts_together(kit, order)]
            assert found == (alone if order[0] is deal else alone[::-1])


async def test_nothing_is_taken_from_the_case_of_another_outlet(kit: ServiceKit) -> None:
    one = await make_ready(kit)
    other = await make_ready(kit, subject="seller-2", code="SH-0002", origin="AGENCY", issuer_risk_level=2)
    alone = [replace(await facts_alone(deal), attempt_id=UUID(int=0)) for deal in (one, other)]
    for order in ((0, 1), (1, 0)):
        found = await facts_together(kit, [(one, other)[place] for place in order])
        assert [replace(facts, attempt_id=UUID(int=0)) for facts in found] == [
            alone[place] for place in order
        ]


async def test_each_recording_has_the_runs_of_its_own_time(kit: ServiceKit) -> None:
    """The zone's recorder was silent between two visits: each rests on the run in which it was recorded."""
    first = await make_ready(kit)
    kit.clock.advance(timedelta(minutes=30))
    second = await filmed(await fellow(first))
    deals = [first, second]
    alone = [(await facts_alone(deal)).zone for deal in deals]
    assert None not in alone
    assert alone[0] != alone[1]
    assert [facts.zone for facts in await facts_together(kit, deals)] == alone
    assert [facts.zone for facts in await facts_together(kit, deals[::-1])] == alone[::-1]
