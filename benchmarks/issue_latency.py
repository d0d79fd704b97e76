"""How long a ticket takes at 100 requests a second, against ``pgbench`` writing the same rows at that rate.

Both are asked at fixed times, whatever the answers before them took, and count from the moment at which the
request was due. ``pgbench`` runs its prepared statement of one ticket on the same server, before and after.
"""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

from benchmarks.fact_latency import Connection, percentile
from benchmarks.report import Result, conclude, show_environment, show_table
from benchmarks.ticket_issue import SCRIPTS, Bench, running
from chassis.ids import new_id
from deploy.devstack.ports import LOOPBACK

RATE = 100
CONNECTIONS = 20
WARM_SECONDS = 3
#: HTTP, the token and the lane of the group commit stand between; the wait for the disk is the peer's too.
GOAL_RATIO = 4.0


async def ours(bench: Bench, seconds: float) -> list[float]:
    """Milliseconds from when each request was due until its answer was read."""
    found: list[float] = []
    begun = time.monotonic() + 0.1

    async def ask(number: int) -> None:
        reader, writer = await asyncio.open_connection(LOOPBACK, bench.targets[0][1])
        connection = Connection(reader, writer, bench.token)
        for step in range(number, int(RATE * seconds), CONNECTIONS):
            due = begun + step / RATE
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            path, body = bench.requests[step % len(bench.requests)]
            await connection.ask(f"POST {path}", body, Idempotency_Key=str(new_id()))
            found.append((time.monotonic() - due) * 1000)
        connection.close()

    await asyncio.gather(*(ask(number) for number in range(CONNECTIONS)))
    return found


def peer(bench: Bench, seconds: float) -> list[float]:
    """Milliseconds of each transaction of ``pgbench`` from when it was due."""
    with tempfile.TemporaryDirectory(prefix="wangdian-bench-") as folder:
        rate = ("-c", str(CONNECTIONS), "-j", "1", "-R", str(RATE))
        bench.pgbench(SCRIPTS["one statement"], seconds, *rate, "-l", "--log-prefix", f"{folder}/log")
        lines = [line.split() for path in Path(folder).iterdir() for line in path.read_text().splitlines()]
    # Each connection plans its statement once: whoever is asked in the first seconds pays for that.
    begun = min(int(line[4]) for line in lines)
    # The third column: microseconds, counted from the schedule where there is a rate.
    return [int(line[2]) / 1000 for line in lines if int(line[4]) >= begun + WARM_SECONDS]


def main() -> None:
    """Measures and concludes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    seconds = parser.parse_args().seconds
    show_environment()
    with running(1, None) as bench:
        asyncio.run(ours(bench, WARM_SECONDS))
        bench.settle()
        before = peer(bench, seconds / 2)
        bench.settle()
        answered = asyncio.run(ours(bench, seconds))
        bench.settle()
        after = peer(bench, seconds / 2)
    found = {
        name: (percentile(values, 0.5), percentile(values, 0.99))
        for name, values in (("ticketing over HTTP", answered), ("pgbench", [*before, *after]))
    }
    show_table(
        f"a ticket at {RATE} requests/s",
        ["", "median", "99 %"],
        [[name, f"{middle:.1f} ms", f"{late:.1f} ms"] for name, (middle, late) in found.items()],
    )
    mine, theirs = found["ticketing over HTTP"][1], found["pgbench"][1]
    conclude(
        Result(
            name="issue_latency",
            value=round(mine, 2),
            unit=f"ms, 99th percentile at {RATE} requests/s",
            against="pgbench -R 100, the same rows in one prepared statement",
            reference=round(theirs, 2),
            ratio=round(mine / theirs, 3),
            goal=f"ratio <= {GOAL_RATIO}",
            met=mine / theirs <= GOAL_RATIO,
            processes=1,
            server_cpu_ms=None,
        )
    )


if __name__ == "__main__":
    main()
