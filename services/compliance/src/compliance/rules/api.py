"""Routes of the rulebook: the print-out for people, what changes between two days."""

from datetime import date
from typing import Annotated

from fastapi import Query, Response

from chassis.auth import action
from chassis.http.routing import Guard, Now, routes
from compliance.periods.domain import legal_date
from compliance.retention.release import shipped_release
from compliance.rules.domain import compare
from compliance.rules.printing import printed
from compliance.rules.views import RuleChangesView

router = routes("/v1/rules", "rulebook")

MARKDOWN = "text/markdown"

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
