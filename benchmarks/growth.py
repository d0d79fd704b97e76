"""What a ticket costs as the bank grows: 10, 470 and 15,000 outlets, a day's tickets and facts in the tables.

Each size has a stack of its own: four queues an outlet, two hundred tickets of today for each outlet, of
which two a queue wait, and an archived fact for every ticket. The cost is CPU of the service and of
PostgreSQL for one ticket, and how long an answer takes, with the same number of clients.
"""

import argparse
import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg

from benchmarks.report import Result, conclude, show_environment, show_table
from benchmarks.ticket_issue import Requests, Round, running
from chassis.clock import BANK_ZONE
from deploy.devstack.stack import Stack

OUTLETS = (10, 470, 15_000)
LETTERS = "ABCD"
TICKETS = 200
#: Of the tickets of one queue.
WAITING = 2
#: A ticket may cost so much more in the whole bank than in a handful of outlets.
GOAL_RATIO = 1.5
WEEK = json.dumps([{"opens": "00:00:00", "closes": "23:59:59"}] * 7)

FILL = (
    """INSERT INTO services (code, version, name_zh, name_en)
    SELECT 'service_' || n, 1, '业务', 'Service' FROM generate_series(0, %(letters)s - 1) n""",
    """INSERT INTO outlets (id, version, code, timezone, cutover_hour, week, exceptions, status)
    SELECT uuidv7(), 1, 'O' || n, 'Asia/Shanghai', 0, %(week)s::jsonb, '{}', 'open'
    FROM generate_series(1, %(outlets)s) n""",
    """INSERT INTO queues (id, version, outlet_id, letter, name_zh, name_en, service_codes, accepting)
    SELECT uuidv7(), 1, o.id, chr(65 + n), '队列', 'Queue', jsonb_build_array('service_' || n), true
    FROM outlets o, generate_series(0, %(letters)s - 1) n""",
    """INSERT INTO number_series (queue_id, business_date, outlet_id, issued, last_at, closed)
    SELECT id, %(today)s, outlet_id, %(each)s, %(now)s, false FROM queues""",
    """INSERT INTO tickets (id, version, outlet_id, business_date, queue_id, serial, number, service_code,
        channel, state, issued_at)
    SELECT uuidv7(), 4, q.outlet_id, %(today)s, q.id, n, q.letter || lpad(n::text, 3, '0'),
        q.service_codes ->> 0, 'kiosk', CASE WHEN n > %(served)s THEN 'waiting' ELSE 'completed' END, %(now)s
    FROM generate_series(1, %(each)s) n, queues q""",
    """INSERT INTO fact (id, type, topic, key, sequence, occurred_at, data)
    SELECT uuidv7(), 'ticketing.ticket.issued.v1', 'ticketing.tickets.v1', id::text, 1, issued_at,
        jsonb_build_object('ticket_id', id, 'outlet_id', outlet_id, 'number', number)::text
    FROM tickets""",
)  # fmt: skip


@dataclass(frozen=True)
class Size:
    """One size of the bank: how large its tables are, and how its rounds went."""

    outlets: int
    tickets: int
    megabytes: float
    rounds: Sequence[Round]

    def median(self, name: str) -> float:
        """The median of one figure over the rounds."""
        return statistics.median(float(getattr(done, name)) for done in self.rounds)

    @property
    def cpu_ms(self) -> float:
        """CPU of service and database for one ticket."""
        return statistics.median(done.service_ms + done.postgres_ms for done in self.rounds)


def fill(stack: Stack, outlets: int) -> Requests:
    """Puts a bank of that size into the tables; answers one request for each queue, in no order."""
    now = datetime.now(UTC)
    each = TICKETS // len(LETTERS)
    values = {
        "outlets": outlets,
        "letters": len(LETTERS),
        "week": WEEK,
        "each": each,
        "served": each - WAITING,
        "today": now.astimezone(BANK_ZONE).date(),
        "now": now,
    }
    with psycopg.connect(stack.postgres.dsn("ticketing"), autocommit=True) as database:
        for statement in FILL:
            database.execute(statement.encode(), values)
        database.execute("VACUUM (ANALYZE)")
        database.execute("CHECKPOINT")
        rows = database.execute("SELECT outlet_id, service_codes ->> 0 FROM queues ORDER BY md5(id::text)")
        return tuple((f"/v1/outlets/{outlet}/tickets", {"service_code": code}) for outlet, code in rows)


def measured(outlets: int, rounds: int, seconds: float) -> Size:
    """How tickets are issued in a bank of that size; a first short round is not counted."""
    with running(1, None, lambda stack: fill(stack, outlets)) as bench:
        with psycopg.connect(bench.postgres.dsn("ticketing")) as database:
            row = database.execute(
                "SELECT (SELECT count(*) FROM tickets), pg_database_size(current_database()) / 1e6"
            ).fetchone()
        assert row is not None
        found = []
        for number in range(rounds + 1):
            bench.settle()
            done = bench.service_round(seconds if number else 1.0)
            found += [done] if number else []
    return Size(outlets, int(row[0]), float(row[1]), found)


def main() -> None:
    """Measures and concludes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--outlets", type=int, nargs="+", default=OUTLETS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0)
    options = parser.parse_args()
    show_environment()
    sizes = [measured(outlets, options.rounds, options.seconds) for outlets in options.outlets]
    show_table(
        f"issuing tickets; an outlet has {len(LETTERS)} queues and {TICKETS} tickets of the day already",
        ["outlets", "tickets", "database", "issued", "median", "99 %", "CPU a ticket: service", "PostgreSQL"],
        [
            [
                str(size.outlets),
                str(size.tickets),
                f"{size.megabytes:.0f} MB",
                f"{size.median('rate'):.0f}/s",
                f"{size.median('p50_ms'):.1f} ms",
                f"{size.median('p99_ms'):.1f} ms",
                f"{size.median('service_ms'):.3f} ms",
                f"{size.median('postgres_ms'):.3f} ms",
            ]
            for size in sizes
        ],
    )
    ratio = sizes[-1].cpu_ms / sizes[0].cpu_ms
    conclude(
        Result(
            name="growth",
            value=round(sizes[-1].cpu_ms, 3),
            unit=f"ms CPU of service and PostgreSQL a ticket with {sizes[-1].outlets} outlets",
            against=f"{sizes[0].outlets} outlets in the same run",
            reference=round(sizes[0].cpu_ms, 3),
            ratio=round(ratio, 3),
            goal=f"ratio <= {GOAL_RATIO}",
            met=ratio <= GOAL_RATIO,
            processes=1,
            server_cpu_ms=round(sizes[-1].median("service_ms"), 3),
        )
    )


if __name__ == "__main__":
    main()
