"""Dated decisions on what is left out of zone and recording; each is a record of its own (ZON-07, D1)."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from chassis.errors import Invalid
from compliance.rulebook.domain import Finding
from compliance.rulebook.facts import ProductKind
from compliance.rulebook.scopes import NOT_ALLOWED


class ScopeExclusionNotAllowed(Invalid):
    """ZON-07."""

    code = NOT_ALLOWED
    zh = "不得将 {kinds} 排除在专区和录音录像之外;仅可自行决定国债和实物贵金属。"
    en = "{kinds} cannot be left out; the bank decides on government bonds and physical metal alone."


class ScopeBackdated(Invalid):
    """What was asked of past sales stays."""

    code = "SCOPE_BACKDATED"
    zh = "生效日 {given} 早于今日 {today};请填写今日或以后的日期。"
    en = "{given} is before today, {today}; let the decision hold from today on or later."


@dataclass(kw_only=True)
class SalesScope:
    """One decision: from its first legal day on these kinds, and no others, are left out."""

    id: UUID
    excluded_kinds: tuple[ProductKind, ...]
    effective_from: date
    reason: str
    decided_by: str
    decided_at: datetime

    @classmethod
    def decide(
        cls,
        scope_id: UUID,
        excluded_kinds: tuple[ProductKind, ...],
        *,
        effective_from: date,
        today: date,
        reason: str,
        by: str,
        at: datetime,
    ) -> "SalesScope":
        """A decision for the future. Raises :class:`ScopeBackdated`."""
        if effective_from < today:
            raise ScopeBackdated(given=effective_from, today=today, pointer="/effective_from")
        return cls(
            id=scope_id,
            excluded_kinds=tuple(sorted(set(excluded_kinds))),
            effective_from=effective_from,
            reason=reason,
            decided_by=by,
            decided_at=at,
        )


def unfit_scope(finding: Finding) -> ScopeExclusionNotAllowed:
    """ZON-07: the refusal of a decision, with the kinds that must stay."""
    return ScopeExclusionNotAllowed(kinds=", ".join(finding.details["kinds"]), pointer="/excluded_kinds")
