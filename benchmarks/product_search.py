"""The public product search over 10,000 products at 50 requests a second, each asked when it is due.

Customers search by a part of the name, by code, by level and state, and turn pages. A request counts from the
moment at which it was due, so that a slow answer makes those behind it late as well.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg

from benchmarks import cpu
from benchmarks.fact_latency import percentile
from benchmarks.report import Result, conclude, console, show_environment, show_table
from benchmarks.ticket_issue import UNLIMITED, token_of
from chassis.ids import new_id
from deploy.devstack.postgres import PostgresServer
from deploy.devstack.stack import Stack

RATE, CONNECTIONS = 50, 20
WARM_SECONDS = 3
LIMIT_MS = 20.0
#: What one import takes.
EACH = 500
WORDS = (
    "Steady",
    "Spring",
    "Harbour",
    "River",
    "Autumn",
    "Bright",
    "Evergreen",
    "Northern",
    "Morning",
    "Stone",
)


def products(count: int) -> Iterator[dict[str, Any]]:
    """So many wealth products and funds of all levels; every fifth is no longer sold."""
    chance = random.Random(count)
    for number in range(count):
        yield {
            "code": f"P-{number:06d}",
            "name": f"{chance.choice(WORDS)} {chance.choice(WORDS)} {chance.randint(1, 999)}",
            "issuer": f"Issuer {chance.randint(1, 40)}",
            "origin": "OWN",
            "kind": chance.choice(("WEALTH", "FUND")),
            "form": "OPEN_ENDED",
            "offering": "PUBLIC",
            "term_months": None,
            "issuer_risk_level": None,
            "bank_risk_level": chance.randint(1, 5),
        }


def fill(stack: Stack, postgres: PostgresServer, count: int) -> None:
    """Enters the products by the import of the product department."""
    headers = {"Authorization": f"Bearer {token_of(stack, 'admin-bench', 'product_admin')}"}
    listed = list(products(count))
    with httpx.Client(
        base_url=stack.url("compliance"), headers=headers, trust_env=False, timeout=60
    ) as client:
        for start in range(0, count, EACH):
            client.post(
                "/v1/products/import",
                json={"products": listed[start : start + EACH]},
                headers={"Idempotency-Key": str(new_id())},
            ).raise_for_status()
    with psycopg.connect(postgres.dsn("compliance"), autocommit=True) as connection:
        connection.execute("UPDATE products SET status = 'EXISTING' WHERE right(code, 1) IN ('0', '5')")
        connection.execute("VACUUM (ANALYZE)")


def questions(count: int) -> list[str]:
    """What is asked: by word, by code, by level and state, in either order, a second page too."""
    chance = random.Random(7)
    kinds = (
        lambda: f"q={chance.choice(WORDS)}",
        lambda: f"q=P-{chance.randint(0, count - 1):06d}",
        lambda: f"q={chance.choice(WORDS)}%20{chance.choice(WORDS)}&sort=name",
        lambda: f"risk_level={chance.randint(1, 5)}&status=ON_SALE",
        lambda: f"kind=FUND&sort=name&q={chance.choice(WORDS).lower()}",
        lambda: "q=nothing-is-called-so",
    )
    return [f"/v1/public/products?{chance.choice(kinds)()}" for _ in range(1_000)]


async def asked(url: str, paths: list[str], seconds: float) -> list[float]:
    """Milliseconds from when each request was due until its answer was read."""
    found: list[float] = []
    place = urlsplit(url)
    begun = time.monotonic() + 0.1

    async def ask(number: int) -> None:
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        for step in range(number, int(RATE * seconds), CONNECTIONS):
            due = begun + step / RATE
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            writer.write(f"GET {paths[step % len(paths)]} HTTP/1.1\r\nHost: {place.netloc}\r\n\r\n".encode())
            status, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
            (length,) = [line[16:] for line in lines if line.startswith("content-length: ")]
            answer = await reader.readexactly(int(length))
            if status.split()[1] != "200":
                raise SystemExit(f"{paths[step % len(paths)]}: {status} {answer.decode()}")
            found.append((time.monotonic() - due) * 1000)
        writer.close()

    await asyncio.gather(*(ask(number) for number in range(CONNECTIONS)))
    return found


def main() -> None:
    """Measures and concludes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=20.0)
    options = parser.parse_args()
    show_environment()
    with tempfile.TemporaryDirectory(prefix="wangdian-bench-") as folder:
        stack = Stack(Path(folder), services=("compliance",), kafka=None, settings=UNLIMITED)
        assert isinstance(stack.postgres, PostgresServer)
        try:
            stack.start()
            begun = time.monotonic()
            fill(stack, stack.postgres, options.products)
            console.print(f"{options.products} products entered in {time.monotonic() - begun:.0f} s")
            url, paths = stack.url("compliance"), questions(options.products)
            asyncio.run(asked(url, paths, WARM_SECONDS))
            before = cpu.of_processes(stack.pids("compliance"))
            waits = asyncio.run(asked(url, paths, options.seconds))
            spent = (cpu.of_processes(stack.pids("compliance")) - before) / len(waits)
        finally:
            stack.stop()
    middle, late = percentile(waits, 0.5), percentile(waits, 0.99)
    show_table(
        f"the public search over {options.products} products at {RATE} requests/s",
        ["median", "99 %", "longest", "CPU of one"],
        [[f"{middle:.1f} ms", f"{late:.1f} ms", f"{max(waits):.1f} ms", f"{spent:.2f} ms"]],
    )
    conclude(
        Result(
            name="product_search",
            value=round(late, 2),
            unit=f"ms, 99th percentile at {RATE} requests/s over {options.products} products",
            against="limit",
            reference=LIMIT_MS,
            ratio=round(late / LIMIT_MS, 3),
            goal="ratio <= 1.0",
            met=late <= LIMIT_MS,
            processes=1,
            server_cpu_ms=round(spent, 3),
        )
    )


if __name__ == "__main__":
    main()
