"""What is shown of complaints: how many are open, and how near their deadlines are."""

from chassis.watching import Measure

MEASURES = (
    Measure(
        name="wangdian_complaints_open",
        help="Complaints that are not ended, by their deadline: overdue, soon (within three days), later.",
        labels=("deadline",),
        statement="""
            SELECT near.name, count(complaints.id)
            FROM (VALUES ('overdue', '-infinity'::timestamptz, clock_timestamp()),
                         ('soon', clock_timestamp(), clock_timestamp() + interval '3 days'),
                         ('later', clock_timestamp() + interval '3 days', 'infinity'))
                AS near (name, after, before)
            LEFT JOIN complaints ON status IN ('opened', 'decided') AND due_at >= after AND due_at < before
            GROUP BY 1
        """,
    ),
)
