"""What is shown of customers: of how many unknown ones another system has told (N4)."""

from chassis.watching import Measure

MEASURES = (
    Measure(
        name="wangdian_customer_checks_unmatched",
        help="Customers of whose check another system told, and who are not registered here.",
        statement="""
            SELECT count(DISTINCT customer_id) FROM customer_checks checks
            WHERE NOT EXISTS (SELECT FROM customers WHERE customers.id = checks.customer_id)
        """,
    ),
)
