"""What is shown of the reconciliation: differences that stand, by kind."""

from chassis.watching import Measure

MEASURES = (
    Measure(
        name="wangdian_reconciliation_differences",
        help="Differences between sales, permits, orders and confirmations that stand, by kind.",
        labels=("kind",),
        statement="""
            SELECT kind, count(*) FROM reconciliation_differences
            WHERE NOT EXISTS (
                SELECT FROM reconciliation_settlements
                WHERE reconciliation_settlements.difference_id = reconciliation_differences.id)
            GROUP BY kind
        """,
    ),
)
