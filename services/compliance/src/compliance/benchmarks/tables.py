"""Where benchmarks are kept."""

from sqlalchemy import Column, ForeignKey, Index, String, Table, Uuid, text

from compliance.benchmarks.domain import Benchmark
from compliance.database import mapper
from compliance.reviews.columns import reviewed

benchmarks = Table(
    "benchmarks",
    mapper.metadata,
    *reviewed(),
    Column("product_id", Uuid, ForeignKey("products.id"), nullable=False),
    Column("value", String(60), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("basis", String(500), nullable=True),
    Column("method", String(500), nullable=True),
    Column("change_reason", String(500), nullable=True),
    Index("ix_benchmarks_product_id", "product_id", "id"),
    # One proposal at a time.
    Index("uq_benchmarks_pending", "product_id", unique=True, postgresql_where=text("state = 'PENDING'")),
)

mapper.map_imperatively(
    Benchmark, benchmarks, version_id_col=benchmarks.c.version, version_id_generator=False
)
