"""What the routes of benchmarks answer."""

from uuid import UUID

from compliance.benchmarks.domain import Benchmark
from compliance.reviews.views import ReviewedView


class BenchmarkView(ReviewedView):
    """A benchmark, whatever became of it. ``change_reason`` null: the product's first."""

    product_id: UUID
    value: str
    reason: str
    basis: str | None
    method: str | None
    change_reason: str | None

    @classmethod
    def of(cls, benchmark: Benchmark) -> "BenchmarkView":
        """The view of a benchmark."""
        return cls.model_validate(benchmark)
