"""Stored decisions made again, range by range: whatever of them was altered is named.

A row speaks for itself: its content has the digest that is kept, its columns say what the content says, and
the stored inputs lead to the same outcomes under the stored release. Somebody who changes what no rule looks
at and puts a new digest beside it is found by the audit, which knows the digest of the archived fact.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.errors import ObjectNotFound
from compliance.evidence.domain import Plain, from_plain, sha256_of
from compliance.retention.release import FUNCTIONS
from compliance.rulebook.checks import SALE_CHECKS
from compliance.rulebook.decisions import Decision, NoRulesInForce, decide
from compliance.rulebook.domain import Check, RuleRelease, Subject
from compliance.rulebook.facts import SaleFacts
from compliance.rulebook.loading import RulebookInvalid
from compliance.rulebook.queries import kept_release
from compliance.sales.tables import decisions

Checks = Mapping[str, Check[SaleFacts]]

#: Rows read at a time: what a process holds in memory.
BATCH = 500


class Flaw(StrEnum):
    """Why a stored decision does not stand."""

    CONTENT = "content_is_not_what_its_digest_says"
    COLUMNS = "columns_are_not_what_the_content_says"
    UNREADABLE = "unreadable"
    RELEASE = "release_missing_or_altered"
    OUTCOME = "comes_out_otherwise"


#: Of what has no canonical text, not the shape of a decision (both are errors of a value), or an instant near
#: the end of all dates, to which no period can be added.
UNJUDGED = (ValueError, OverflowError)


@dataclass(frozen=True)
class Span:
    """The decisions whose id is greater than ``after`` and not greater than ``upto``; None: no such end."""

    after: UUID | None = None
    upto: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A decision as its row holds it: the content, and the columns beside it."""

    id: UUID
    result: str
    digest: str
    release: str
    content: Plain
    decided_at: datetime


@dataclass
class Releases:
    """Stored releases, read once each. None: missing, altered or of no use."""

    checks: Checks = field(default_factory=lambda: SALE_CHECKS)
    known: dict[str, RuleRelease | None] = field(default_factory=dict)

    async def get(self, session: AsyncSession, digest: str) -> RuleRelease | None:
        """The stored release with this digest."""
        if digest not in self.known:
            try:
                functions = {**FUNCTIONS, Subject.SALE: self.checks}
                self.known[digest] = await kept_release(session, digest, functions)
            except (ObjectNotFound, RulebookInvalid):
                self.known[digest] = None
        return self.known[digest]


def flaw_of(kept: Kept, release: RuleRelease | None, checks: Checks = SALE_CHECKS) -> Flaw | None:
    """What is wrong with a stored decision under its stored release; None: it comes out the same again."""
    if release is not None and _spelled_again(kept, release, checks):
        return None
    try:
        if sha256_of(kept.content) != kept.digest:
            return Flaw.CONTENT
        told = from_plain(Decision, kept.content)
        if (told.result, told.release, told.decided_at) != (kept.result, kept.release, kept.decided_at):
            return Flaw.COLUMNS
        if release is None:
            return Flaw.RELEASE
        facts = from_plain(SaleFacts, told.inputs)
        again = decide(release, checks, facts, inputs=told.inputs)
    except NoRulesInForce:
        return Flaw.OUTCOME
    except UNJUDGED:
        return Flaw.UNREADABLE
    # Spelled as it is kept, too: one value, one text.
    return None if again == told and told.plain == kept.content else Flaw.OUTCOME


def _spelled_again(kept: Kept, release: RuleRelease, checks: Checks) -> bool:
    """Whether what the inputs lead to is what the row holds: then nothing is wrong with it.

    Equal is the same here (``1 == 1.0`` is not): numbers stand among the inputs alone, whose kinds are
    checked as they are read.
    """
    if not isinstance(kept.content, Mapping):
        return False
    inputs = kept.content.get("inputs")
    try:
        again = decide(release, checks, from_plain(SaleFacts, inputs), inputs=inputs)
        return (
            (again.result, again.release, again.decided_at) == (kept.result, kept.release, kept.decided_at)
            and again.plain == kept.content
            and again.digest == kept.digest
        )
    except (*UNJUDGED, NoRulesInForce):
        return False


COLUMNS = (
    decisions.c.id,
    decisions.c.result,
    decisions.c.digest,
    decisions.c.release,
    decisions.c.decision.label("content"),
    decisions.c.decided_at,
)


async def replayed(
    session: AsyncSession, span: Span, checks: Checks = SALE_CHECKS
) -> AsyncIterator[tuple[Kept, Flaw | None]]:
    """Every decision of the span by id, with what is wrong with it by the functions of this program.

    Reads decisions and releases alone: no register, as it is now, has a say.
    """
    releases, after = Releases(checks), span.after
    while True:
        statement = select(*COLUMNS).order_by(decisions.c.id).limit(BATCH)
        if after is not None:
            statement = statement.where(decisions.c.id > after)
        if span.upto is not None:
            statement = statement.where(decisions.c.id <= span.upto)
        page = (await session.execute(statement)).all()
        for row in page:
            yield await _replayed(session, row, releases)
        if len(page) < BATCH:
            return
        after = page[-1].id


async def replayed_of(
    session: AsyncSession, ids: Sequence[UUID], releases: Releases
) -> AsyncIterator[tuple[Kept, Flaw | None]]:
    """The decisions with these ids, a few, with what is wrong with each; ``releases``: those read so far."""
    for row in (await session.execute(select(*COLUMNS).where(decisions.c.id.in_(ids)))).all():
        yield await _replayed(session, row, releases)
        # A round decides hundreds again: whoever sells meanwhile does not wait for all of them.
        await asyncio.sleep(0)


async def _replayed(session: AsyncSession, row: Any, releases: Releases) -> tuple[Kept, Flaw | None]:
    kept = Kept(**row._asdict())
    return kept, flaw_of(kept, await releases.get(session, kept.release), releases.checks)


SPANS = text("""
SELECT id FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM decisions) numbered
WHERE place % :each = 0 ORDER BY id
""")


async def spans(session: AsyncSession, each: int) -> list[Span]:
    """All decisions in spans of ``each``; the last one is open, for what is decided meanwhile."""
    ends: list[UUID | None] = list(await session.scalars(SPANS, {"each": each}))
    return [Span(after, upto) for after, upto in zip([None, *ends], [*ends, None], strict=True)]
