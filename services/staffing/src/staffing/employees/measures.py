"""What is shown of the people: how many serve, whose right to sell ends soon."""

from chassis.watching import Measure

MEASURES = (
    Measure(
        name="wangdian_conduct_alerts_open",
        help="Conduct alerts that are not cleared, by whether their employee is known (N4).",
        labels=("employee",),
        statement="""
            SELECT CASE WHEN e.id IS NULL THEN 'unknown' ELSE 'known' END, count(*)
            FROM alert_notices n LEFT JOIN employees e ON e.id = n.employee_id
            WHERE n.change = 'raised' AND NOT EXISTS (
                SELECT FROM alert_notices c WHERE c.alert_id = n.alert_id AND c.change = 'cleared'
            ) GROUP BY 1
        """,
    ),
    Measure(
        name="wangdian_employees_active",
        help="Employees who have not left.",
        statement="SELECT count(*) FROM employees WHERE left_at IS NULL",
    ),
    Measure(
        name="wangdian_qualifications_ending",
        help="Qualifications that end within thirty days, by kind.",
        labels=("kind",),
        statement="""
            SELECT kind, count(*) FROM qualifications
            WHERE revoked_at IS NULL AND valid_to BETWEEN current_date AND current_date + 30 GROUP BY 1
        """,
    ),
)
