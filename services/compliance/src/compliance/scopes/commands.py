"""Use cases of the scope of zone and recording."""

from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.ids import new_id
from compliance.periods.domain import legal_date
from compliance.rulebook.facts import ProductKind
from compliance.rulebook.registers import scope_finding
from compliance.rulebook.scopes import ScopeFacts
from compliance.scopes.domain import SalesScope, unfit_scope


async def decide_scope(
    session: AsyncSession,
    clock: Clock,
    excluded_kinds: tuple[ProductKind, ...],
    *,
    effective_from: date,
    reason: str,
    by: str,
) -> SalesScope:
    """Records the bank's decision (ZON-07). Raises ``ScopeExclusionNotAllowed``, ``ScopeBackdated``."""
    at = clock.now()
    finding = scope_finding(ScopeFacts(excluded=excluded_kinds), effective_from)
    if finding is not None:
        raise unfit_scope(finding)
    scope = SalesScope.decide(
        new_id(),
        excluded_kinds,
        effective_from=effective_from,
        today=legal_date(at),
        reason=reason,
        by=by,
        at=at,
    )
    session.add(scope)
    return scope
