"""What is shown of the rulebook: whether enough officers stand for the release that decides."""

from chassis.watching import Measure

MEASURES = (
    Measure(
        name="wangdian_release_approvals_missing",
        help="How many approvals the release that made the last decision lacks.",
        statement="""
            SELECT greatest(0, 2 - (
                SELECT count(*) FROM release_approvals approvals WHERE approvals.digest = last.release
            ))
            FROM (SELECT release FROM decisions ORDER BY id DESC LIMIT 1) last
        """,
    ),
)
