"""What is shown of the counters: how many are served at."""

from chassis.watching import Measure

MEASURES = (
    Measure(
        name="wangdian_counter_sessions_open",
        help="Counters at which an employee serves.",
        statement="SELECT count(*) FROM counter_sessions WHERE closed_at IS NULL",
    ),
)
