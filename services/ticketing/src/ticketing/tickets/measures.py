"""What is shown of the halls: who waits, how long, where the most."""

from chassis.watching import Measure

MEASURES = (
    Measure(
        name="wangdian_tickets_waiting",
        help="Customers who wait.",
        statement="SELECT count(*) FROM tickets WHERE state = 'waiting'",
    ),
    Measure(
        name="wangdian_tickets_longest_wait_seconds",
        help="How long the customer has waited who has waited longest.",
        statement="""
            SELECT extract(epoch FROM clock_timestamp() - min(issued_at)) FROM tickets WHERE state = 'waiting'
        """,
    ),
    Measure(
        name="wangdian_outlet_tickets_waiting",
        help="Customers who wait, at the outlets where the most do.",
        labels=("outlet_id",),
        statement="""
            SELECT outlet_id, count(*) FROM tickets WHERE state = 'waiting'
            GROUP BY 1 ORDER BY 2 DESC LIMIT 500
        """,
    ),
)
