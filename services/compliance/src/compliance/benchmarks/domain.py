"""A product's performance benchmark: proposed with its reason, approved by another person, never replaced
without saying why (PRD-10)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.errors import Conflict, Invalid
from compliance.reviews.domain import Reviewed, ReviewState


class BenchmarkPending(Conflict):
    """One proposal at a time, so that benchmarks follow each other in the order of their proposals."""

    code = "BENCHMARK_PENDING"
    zh = "该产品已有待审核的业绩比较基准;请等待审核结束。"
    en = "A benchmark of the product waits for its review already; wait until that is over."


class BenchmarkDisclosureIncomplete(Invalid):
    """PRD-10: ``zh_lacking`` and ``en_lacking`` name what was not said."""

    code = "BENCHMARK_DISCLOSURE_INCOMPLETE"
    zh = "业绩比较基准的披露缺少{zh_lacking};请补充。"
    en = "The benchmark is disclosed without {en_lacking}; add what is missing."


@dataclass(frozen=True, kw_only=True)
class BenchmarkTerms:
    """The benchmark as it is disclosed; ``change_reason`` None: the product's first."""

    value: str
    reason: str
    basis: str | None
    method: str | None
    change_reason: str | None


@dataclass(kw_only=True)
class Benchmark(Reviewed):
    """The aggregate. What was approved last counts; what was approved before stays on show."""

    product_id: UUID
    value: str
    reason: str
    basis: str | None
    method: str | None
    change_reason: str | None

    @classmethod
    def propose(
        cls,
        benchmark_id: UUID,
        product_id: UUID,
        terms: BenchmarkTerms,
        *,
        changes: bool,
        by: str,
        at: datetime,
    ) -> "Benchmark":
        """A proposal at version 1; ``changes``: there is an approved one already.

        Raises :class:`BenchmarkDisclosureIncomplete`.
        """
        if terms.basis is None and terms.method is None:
            raise BenchmarkDisclosureIncomplete(
                zh_lacking="测算依据或方法", en_lacking="its basis or method", pointer="/basis"
            )
        if changes and terms.change_reason is None:
            raise BenchmarkDisclosureIncomplete(
                zh_lacking="变更原因", en_lacking="the reason for the change", pointer="/change_reason"
            )
        return cls(
            id=benchmark_id,
            version=1,
            state=ReviewState.PENDING,
            submitted_by=by,
            submitted_at=at,
            reviewed_by=None,
            reviewed_at=None,
            review_note=None,
            product_id=product_id,
            value=terms.value,
            reason=terms.reason,
            basis=terms.basis,
            method=terms.method,
            change_reason=terms.change_reason if changes else None,
        )
