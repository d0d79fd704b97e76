"""The keeping of one recording: anchors, counted holds, the ratchet, disposal.

::

    KEPT ── authorise_disposal ──▶ DISPOSING ── complete_disposal ──▶ DISPOSED
      ▲                                │
      └───── withdraw_disposal ────────┘      (a hold came before the bytes were gone)

The bytes are removed between two commits: an authorised disposal is on record before anything is deleted,
and whoever finds ``DISPOSING`` after a crash takes it up again. The version of every fact is counted by the
recording's head (G1).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from chassis.errors import Conflict
from compliance.evidence.domain import DisposalCertificate, ObjectRef
from compliance.periods.domain import legal_date
from compliance.retention.disposal import DisposalFacts, decide_disposal
from compliance.retention.events import (
    DisposalAuthorised,
    DisposalRefused,
    DisposalWithdrawn,
    HoldPlaced,
    HoldReleased,
    RecordingDisposed,
    RetentionDated,
)
from compliance.retention.periods import (
    Anchor,
    AnchorKind,
    Contest,
    Hold,
    HoldSource,
    RowResult,
    SoldProduct,
    evaluate,
    retain_until,
)
from compliance.retention.unsold import UnsoldResult, Visit, evaluate_unsold, unsold_until
from compliance.rulebook.decisions import Decision, State
from compliance.rulebook.domain import RuleRelease

__all__ = [
    "AlreadyDisposed",
    "Anchor",
    "AnchorKind",
    "Contest",
    "DisposalNotAuthorised",
    "Ending",
    "Head",
    "Hold",
    "HoldSource",
    "RetentionCase",
    "RetentionState",
    "RowResult",
    "SoldProduct",
    "clock_trusted",
]


class RetentionState(StrEnum):
    """Whether the recording is there, is being removed, or is gone."""

    KEPT = "KEPT"
    DISPOSING = "DISPOSING"
    DISPOSED = "DISPOSED"


class Ending(StrEnum):
    """How an authorised disposal ended: the bytes are gone, or it was taken back before one was removed."""

    DISPOSED = "DISPOSED"
    WITHDRAWN = "WITHDRAWN"


class AlreadyDisposed(Conflict):
    """What is gone, or going, cannot be disposed of again."""

    code = "RECORDING_DISPOSED"
    zh = "该录音录像已销毁或正在销毁；请查阅其销毁证明。"
    en = "The recording has been disposed of, or is being disposed of; see its certificate of disposal."


class DisposalNotAuthorised(Conflict):
    """There is no authorised disposal that could be completed or withdrawn."""

    code = "DISPOSAL_NOT_AUTHORISED"
    zh = "该录音录像没有已批准的销毁;请先申请销毁。"
    en = "No disposal of this recording has been authorised; ask for one first."


class Head(Protocol):
    """The mutable head row of the recording: every fact about the recording bumps its version (G1, R1)."""

    @property
    def id(self) -> UUID:
        """The recording's id."""
        ...

    version: int


class Sealed(Protocol):
    """What a certificate names: a digest over all that is known, and the objects in the store."""

    @property
    def digest(self) -> str:
        """SHA-256 over the canonical JSON."""
        ...

    @property
    def objects(self) -> tuple[ObjectRef, ...]:
        """Every object that the store holds."""
        ...


@dataclass
class RetentionCase:
    """The keeping of one recording.

    ``retain_until`` is the last day through which it is kept, None without end for now; ``floor`` the
    latest day ever computed. ``certificate`` is that of the disposal which is under way or done, ``visit``
    that of a recording of ours which proves no sale.
    """

    recording_id: UUID
    state: RetentionState
    sales: tuple[SoldProduct, ...]
    holds: tuple[Hold, ...]
    retain_until: date | None
    floor: date | None
    certificate: DisposalCertificate | None
    visit: Visit | None = None

    @classmethod
    def begin(cls, recording_id: UUID) -> "RetentionCase":
        """The keeping of a recording without a sale: without end."""
        return cls(recording_id, RetentionState.KEPT, (), (), None, None, None)

    @property
    def open_holds(self) -> tuple[Hold, ...]:
        """The matters that are not over."""
        return tuple(hold for hold in self.holds if hold.open)

    def prove(
        self, head: Head, sale: SoldProduct, release: RuleRelease, at: datetime
    ) -> RetentionDated | None:
        """The recording proves one more sale; the same sale again changes nothing.

        Raises :class:`AlreadyDisposed`.
        """
        if any(known.sale_id == sale.sale_id for known in self.sales):
            return None
        if self.state is not RetentionState.KEPT:
            raise AlreadyDisposed
        self.sales = (*self.sales, sale)
        return self.reckon(head, release, at)

    def report(
        self, head: Head, sale_id: UUID, anchor: Anchor, release: RuleRelease, at: datetime
    ) -> RetentionDated | None:
        """A pay-out or contract end of a sale was reported. The same report again changes nothing.

        An anchor that cannot be true is kept and never counted (see :meth:`Anchor.contest`). Raises
        ``KeyError`` for a sale that this recording does not prove.
        """
        sales = {sale.sale_id: sale for sale in self.sales}
        sale = sales[sale_id]
        if any(known.report_id == anchor.report_id for known in sale.anchors):
            return None
        sales[sale_id] = replace(sale, anchors=(*sale.anchors, anchor))
        self.sales = tuple(sales.values())
        return self.reckon(head, release, at)

    def reckon(self, head: Head, release: RuleRelease, at: datetime) -> RetentionDated | None:
        """Computes the last day again; only ever later than every day known before (the ratchet)."""
        if self.state is not RetentionState.KEPT:
            return None
        results = list(self.rows(release, legal_date(at)))
        until = retain_until(results, self.sales)
        if until is not None:
            until = self.floor = until if self.floor is None else max(until, self.floor)
        if until == self.retain_until:
            return None
        self.retain_until = until
        rules = tuple(sorted({result.rule for result in results}))
        return RetentionDated(
            version=_bump(head),
            occurred_at=at,
            recording_id=self.recording_id,
            retain_until=until,
            rules=rules,
        )

    def rows(self, release: RuleRelease, on: date) -> tuple[RowResult, ...]:
        """What every row says, seen from the legal day ``on``: the explanation of the clock."""
        return tuple(evaluate(release, self.sales, self.holds, on))

    def unsold(self, release: RuleRelease, on: date) -> tuple[UnsoldResult, ...]:
        """ABN-01: what is said about a recording that proves no sale; empty for one that does, or by none."""
        if self.sales or self.visit is None:
            return ()
        return evaluate_unsold(release, self.visit, self.holds, on)

    def last_day(self, release: RuleRelease, on: date) -> date | None:
        """The last day through which it is kept, seen from the legal day ``on``; None: no end for now."""
        until = unsold_until(self.unsold(release, on))
        if self.sales:
            until = retain_until(self.rows(release, on), self.sales)
        return until if until is None or self.floor is None else max(until, self.floor)

    def place_hold(
        self, head: Head, source: HoldSource, matter_id: str, release: RuleRelease, at: datetime
    ) -> tuple[HoldPlaced | RetentionDated, ...]:
        """A matter holds the recording from now on (REC-08). A matter that holds already changes nothing.

        Also taken while a disposal is under way, and afterwards: that a hold came too late must stay visible.
        """
        if any((hold.source, hold.matter_id) == (source, matter_id) for hold in self.open_holds):
            return ()
        hold = Hold(source=source, matter_id=matter_id, placed_at=at, released_at=None, resolved_on=None)
        self.holds = (*self.holds, hold)
        placed = HoldPlaced(
            version=_bump(head),
            occurred_at=at,
            recording_id=self.recording_id,
            source=source,
            matter_id=matter_id,
            open_holds=len(self.open_holds),
        )
        dated = self.reckon(head, release, at)
        return (placed,) if dated is None else (placed, dated)

    def release_hold(
        self,
        head: Head,
        source: HoldSource,
        matter_id: str,
        resolved_on: date,
        release: RuleRelease,
        at: datetime,
    ) -> tuple[HoldReleased | RetentionDated, ...]:
        """The matter ended on ``resolved_on``. One that does not hold (yet) changes nothing: keep it (N4)."""
        held = next(
            (hold for hold in self.open_holds if (hold.source, hold.matter_id) == (source, matter_id)), None
        )
        if held is None:
            return ()
        over = replace(held, released_at=at, resolved_on=resolved_on)
        self.holds = tuple(over if hold is held else hold for hold in self.holds)
        released = HoldReleased(
            version=_bump(head),
            occurred_at=at,
            recording_id=self.recording_id,
            source=source,
            matter_id=matter_id,
            resolved_on=resolved_on,
            open_holds=len(self.open_holds),
        )
        dated = self.reckon(head, release, at)
        return (released,) if dated is None else (released, dated)

    def judge(
        self, release: RuleRelease, at: datetime, *, clock_trusted: bool | None, holds_fresh: bool | None
    ) -> Decision:
        """What all retention rules say about a disposal at ``at``. Raises ``NoRulesInForce``."""
        facts = DisposalFacts(
            recording_id=self.recording_id,
            decided_at=at,
            sales=self.sales,
            holds=self.holds,
            floor=self.floor,
            clock_trusted=clock_trusted,
            holds_fresh=holds_fresh,
            visit=None if self.sales else self.visit,
        )
        return decide_disposal(release, facts)

    def authorise_disposal(
        self,
        head: Head,
        manifest: Sealed,
        release: RuleRelease,
        *,
        attempt_id: UUID,
        by: str,
        at: datetime,
        clock_trusted: bool | None,
        holds_fresh: bool | None,
    ) -> tuple[Decision, DisposalAuthorised | DisposalRefused]:
        """Decides on a disposal; the decision is a record either way, a refusal is returned, not raised.

        When it passes, the certificate is issued under the id of the attempt and the state is DISPOSING.
        Raises :class:`AlreadyDisposed`, ``NoRulesInForce``.
        """
        if self.state is not RetentionState.KEPT:
            raise AlreadyDisposed
        decision = self.judge(release, at, clock_trusted=clock_trusted, holds_fresh=holds_fresh)
        if not decision.passed:
            return decision, self._refusal(decision, attempt_id)
        until = self.last_day(release, decision.on)
        assert until is not None, "a passed decision has an end for every row"
        certificate = DisposalCertificate(
            certificate_id=attempt_id,
            recording_id=self.recording_id,
            authorised_at=at,
            authorised_by=by,
            decision=decision.digest,
            release=release.digest,
            rules=tuple(sorted({outcome.rule for outcome in decision.outcomes})),
            retain_until=until,
            manifest=manifest.digest,
            objects=manifest.objects,
        )
        return decision, self._dispose(head, certificate)

    def _refusal(self, decision: Decision, attempt_id: UUID) -> DisposalRefused:
        failed = [outcome for outcome in decision.outcomes if outcome.state is not State.PASSED]
        return DisposalRefused(
            version=1,
            occurred_at=decision.decided_at,
            attempt_id=attempt_id,
            recording_id=self.recording_id,
            decision=decision.digest,
            rules=tuple(outcome.rule for outcome in failed),
            codes=tuple(finding.code for outcome in failed for finding in outcome.findings),
        )

    def _dispose(self, head: Head, certificate: DisposalCertificate) -> DisposalAuthorised:
        self.state, self.certificate = RetentionState.DISPOSING, certificate
        return DisposalAuthorised(
            version=_bump(head),
            occurred_at=certificate.authorised_at,
            recording_id=self.recording_id,
            certificate_id=certificate.certificate_id,
            certificate=certificate.digest,
            decision=certificate.decision,
            retain_until=certificate.retain_until,
        )

    def withdraw_disposal(self, head: Head, at: datetime) -> DisposalWithdrawn:
        """Takes an authorised disposal back before a byte was removed; or :class:`DisposalNotAuthorised`."""
        certificate = self._under_way()
        self.state, self.certificate = RetentionState.KEPT, None
        return DisposalWithdrawn(
            version=_bump(head),
            occurred_at=at,
            recording_id=self.recording_id,
            certificate_id=certificate.certificate_id,
        )

    def complete_disposal(self, head: Head, at: datetime) -> RecordingDisposed:
        """The bytes are gone; raises :class:`DisposalNotAuthorised`."""
        certificate = self._under_way()
        self.state = RetentionState.DISPOSED
        return RecordingDisposed(
            version=_bump(head),
            occurred_at=at,
            recording_id=self.recording_id,
            certificate_id=certificate.certificate_id,
            certificate=certificate.digest,
            decision=certificate.decision,
        )

    def _under_way(self) -> DisposalCertificate:
        if self.state is not RetentionState.DISPOSING or self.certificate is None:
            raise DisposalNotAuthorised
        return self.certificate


def _bump(head: Head) -> int:
    head.version += 1
    return head.version


def clock_trusted(
    now: datetime,
    others: Sequence[datetime],
    last_seen: datetime | None,
    *,
    skew: timedelta = timedelta(seconds=5),
    silence: timedelta = timedelta(hours=24),
) -> bool:
    """Whether a disposal may rely on ``now``: a clock that was pushed forward must not unlock anything.

    ``others`` are other clocks read at the same moment (the database's at least): each within ``skew``.
    ``last_seen`` is the instant of the last fact on record: ``now`` lies not before it, and not more than
    ``silence`` after it.
    """
    if not others or last_seen is None:
        return False
    if any(abs(other - now) > skew for other in others):
        return False
    return last_seen - skew <= now <= last_seen + silence
