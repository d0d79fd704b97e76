"""Routes of the rulebook: the print-out for people, what changes between two days."""

from datetime import date, timedelta
from typing import Annotated

from fastapi import Query, Response

from chassis.auth import action
from chassis.http.routing import Guard, Now, ReadSession, routes
from compliance.periods.domain import legal_date, start_of
from compliance.retention.release import shipped_release
from compliance.rulebook.shadow import coming
from compliance.rules.domain import compare
from compliance.rules.foreseeing import foresight
from compliance.rules.printing import printed
from compliance.rules.views import ForesightView, RuleChangesView

router = routes("/v1/rules", "rulebook")

MARKDOWN = "text/markdown"

#: Sales of at most a month are tried, within a minute.
DAYS_MAX = 31
SECONDS_MAX = 60.0

Days = Annotated[int, Query(ge=1, le=DAYS_MAX, description="how many legal days of sales, today included")]
First = Annotated[date, Query(alias="from", description="the first legal day")]
Second = Annotated[date, Query(alias="to", description="the second legal day")]


@router.get(
    "/print",
    response_class=Response,
    responses={200: {"content": {MARKDOWN: {"schema": {"type": "string"}}}}},
)
@action("rule.print")
async def print_rules(clock: Now, guard: Guard, on: date | None = None) -> Response:
    """Print the rules in force on a legal day (today where none is given), for people: Markdown in Chinese
    and English with parameters in words, sources and what of them was seen, texts, and who confirmed it.
    """
    guard()
    text = printed(shipped_release(), on or legal_date(clock.now()))
    return Response(text, media_type=MARKDOWN)


@router.get("/diff")
@action("rule.compare")
async def compare_rules(guard: Guard, first: First, second: Second) -> RuleChangesView:
    """Compare the rules in force on two legal days: which begin, which end, what changes in the others."""
    guard()
    release = shipped_release()
    return RuleChangesView.of(release, first, second, compare(release, first, second))


@router.get("/shadow")
@action("rule.foresee", seconds_max=SECONDS_MAX)
async def foresee_rules(session: ReadSession, clock: Now, guard: Guard, days: Days = 7) -> ForesightView:
    """Try the rules that begin within 90 days on the sales of the last days: how many would fail, and why.
    Nothing is decided or kept.
    """
    guard()
    release, today = shipped_release(), legal_date(clock.now())
    since = start_of(today - timedelta(days=days - 1))
    return ForesightView.of(release, today, days, await foresight(session, coming(release, today), since))
