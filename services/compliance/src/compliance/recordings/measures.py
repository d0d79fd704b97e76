"""What is shown of recordings: how many are on their way to their seal."""

from chassis.watching import Measure

MEASURES = (
    Measure(
        name="wangdian_recordings",
        help="Recordings by state.",
        labels=("state",),
        statement="SELECT state, count(*) FROM recordings GROUP BY 1",
    ),
)
