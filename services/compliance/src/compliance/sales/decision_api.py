"""Routes of decisions, their replay, and the rules in force."""

from datetime import date
from uuid import UUID

from fastapi import Response

from chassis.auth import action
from chassis.http.routing import Guard, Now, ReadSession, respond, routes
from compliance.cases.queries import case as case_of
from compliance.periods.domain import legal_date
from compliance.retention.release import shipped_release
from compliance.sales import queries
from compliance.sales.views import DecisionView, ReplayView, RulesView, RuleView

router = routes("/v1/decisions", "rulebook")
rule_router = routes("/v1/rules", "rulebook")


@rule_router.get("")
@action("rule.list")
async def list_rules(session: ReadSession, clock: Now, guard: Guard, on: date | None = None) -> RulesView:
    """List the rules in force on a legal day (today where none is given), with their sources and words."""
    guard()
    day = on or legal_date(clock.now())
    release = shipped_release()
    rules = [RuleView.of(rule) for rule in release.rules if rule.in_force(day)]
    return RulesView(on=day, release=release.digest, rules=rules)


@router.get("/{decision_id}")
@action("decision.read")
async def read_decision(
    decision_id: UUID, session: ReadSession, guard: Guard, response: Response
) -> DecisionView:
    """Read a decision: its inputs, its release, how each rule came out."""
    row = await queries.decision_row(session, decision_id)
    case = await case_of(session, row.case_id)
    guard(outlet_id=case.outlet_id)
    respond(response, version=1)
    return DecisionView.of(row, case, queries.decision_of(row), await queries.release_of(session, row))


@router.get("/{decision_id}/replay")
@action("decision.replay")
async def replay_decision(decision_id: UUID, session: ReadSession, guard: Guard) -> ReplayView:
    """Decide again from the stored inputs under the stored release."""
    row = await queries.decision_row(session, decision_id)
    guard(outlet_id=(await case_of(session, row.case_id)).outlet_id)
    release = await queries.release_of(session, row)
    return ReplayView.of(row, await queries.replayed(session, row), release)
