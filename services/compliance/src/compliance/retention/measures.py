"""What is shown of retention: what is held, and reports whose sale is not known yet (N4)."""

from chassis.watching import Measure

MEASURES = (
    Measure(
        name="wangdian_holds_active",
        help="Legal holds that are not released.",
        statement="""
            SELECT count(*) FROM holds
            WHERE NOT EXISTS (SELECT FROM hold_releases WHERE hold_releases.hold_id = holds.id)
        """,
    ),
    Measure(
        name="wangdian_reports_unmatched",
        help="Reports of pay-outs and contract ends whose sale is not known.",
        statement="""
            SELECT count(*) FROM retention_reports reports
            WHERE NOT EXISTS (SELECT FROM retention_sales sales WHERE sales.sale_id = reports.sale_id)
        """,
    ),
)
