"""Faults of the database, the processes and the issuer, each injected while a day is played.

A fault is a function of the :class:`Site`: it breaks something, shows that the break has bitten, and leaves a
system that has recovered without hands (or by the commands of its runbook). It answers what showed the bite.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import ExitStack

import httpx
import psycopg

from deploy import SERVICES
from tests.faults.site import Site, family, stopped

Fault = Callable[[Site], Awaitable[str]]

RELAY_LOCK = """
SELECT activity.client_port FROM pg_locks JOIN pg_stat_activity activity USING (pid)
WHERE locktype = 'advisory' AND objid = 7107001 AND granted
"""
END_SESSIONS = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename LIKE '%_app'"


async def sessions_ended(site: Site) -> str:
    """Matrix 8: sessions of the services are ended by the database in the midst of their statements."""
    ended = 0
    for _ in range(20):
        ended += int((await asyncio.to_thread(site.rows, "postgres", END_SESSIONS))[0][0])
        await site.days.last(0.2)
    assert ended >= 20, ended
    await site.all_ready()
    await site.goes_on(20, "after the sessions were ended")
    return f"{ended} sessions ended"


async def database_frozen(site: Site) -> str:
    """Matrix 9: the whole database stands still for a while; probes say so, and it goes on by itself."""
    with stopped(*family(site.postgres.pid)):
        await site.days.until(lambda: not site.ready("ticketing"), "ticketing calls itself ready")
        assert await asyncio.to_thread(site.alive, "ticketing"), "liveness depends on the database"
        await site.days.last(10.0)
    await site.all_ready()
    await site.goes_on(20, "after the database stood still")
    return "not ready, yet alive, for 10 s"


async def slots_used_up(site: Site) -> str:
    """Matrix 10: somebody else takes every connection that the database has for ordinary roles."""
    held: list[psycopg.Connection] = []
    dsn = site.stack.describe()["services"]["staffing"]["dsn"]

    def take_all() -> bool:
        try:
            held.append(psycopg.connect(dsn, connect_timeout=5))
        except psycopg.OperationalError as error:
            return "slots" in str(error) or "too many" in str(error)
        return False

    def refused() -> int:
        return site.said("ticketing", '"sqlstate": "53300"')

    before = await asyncio.to_thread(refused)

    def bitten() -> bool:
        while not take_all():
            pass
        site.rows("postgres", END_SESSIONS + " AND datname = 'ticketing'")
        return refused() >= before + 3

    try:
        await site.days.until(bitten, "ticketing has its sessions all the same")
        assert await asyncio.to_thread(site.alive, "ticketing")
    finally:
        for connection in held:
            connection.close()
    await site.all_ready()
    await site.goes_on(20, "after the slots were free again")
    return f"{len(held)} slots held, requests refused for want of one"


async def rolled(site: Site) -> str:
    """Matrix 42: every process is asked to end and started again, one by one, while requests go on."""
    before = [site.stack.pids(name) for name in SERVICES]
    for name in SERVICES:
        await asyncio.to_thread(site.stack.roll, name)
        await site.goes_on(5, f"while {name} is rolled")
    after = [site.stack.pids(name) for name in SERVICES]
    assert not {pid for pids in before for pid in pids} & {pid for pids in after for pid in pids}
    return f"{sum(map(len, after))} processes ended with 0 and were replaced"


async def starved(site: Site) -> str:
    """Matrix 41: the processes of ticketing get a fifth of a processor; liveness does not flap."""
    pids = site.stack.pids("ticketing")
    for _ in range(15):
        with stopped(*pids):
            await site.days.last(0.4)
        await site.days.last(0.1)
    assert await asyncio.to_thread(site.alive, "ticketing")
    assert site.stack.pids("ticketing") == pids
    await site.goes_on(20, "after the starving")
    return "stopped for 0.4 of every 0.5 s"


async def issuer_gone_and_keys_rotated(site: Site) -> str:
    """Matrix 36: tokens that are known go on while nobody gives new ones; new keys are taken within 30 s."""
    await asyncio.to_thread(site.stack.kill_issuer)
    token = f"{site.stack.url('issuer')}/token"
    try:
        await asyncio.to_thread(httpx.post, token, trust_env=False, timeout=2.0)
        raise AssertionError("the issuer answers")
    except httpx.TransportError:
        pass
    await site.goes_on(40, "without the issuer")
    (site.stack.state / "issuer" / "keys.json").unlink()
    await asyncio.to_thread(site.stack.start_issuer)
    secret = site.stack.users.secret("auditor-1")
    answer = await asyncio.to_thread(
        httpx.post,
        token,
        data={"grant_type": "client_credentials"},
        auth=("auditor-1", secret),
        trust_env=False,
    )
    headers = {"Authorization": f"Bearer {answer.raise_for_status().json()['access_token']}"}
    there = f"{site.stack.url('staffing')}/v1/outlets"
    await site.days.until(
        lambda: httpx.get(there, headers=headers, trust_env=False, timeout=10.0).is_success,
        "a token of the new key is not taken",
    )
    await site.goes_on(40, "with the new keys")
    return "no token to be had; then another key"


async def relay_stands_still(site: Site) -> str:
    """Matrix 19: whoever relays stands still, its session is ended; another takes over, it comes late."""
    pids = site.stack.pids("ticketing")
    with ExitStack() as first:
        first.enter_context(stopped(pids[0]))
        with stopped(pids[1]):
            await site.days.last(0.5)
            await asyncio.to_thread(site.rows, "ticketing", END_SESSIONS + " AND datname = 'ticketing'")
        relayed = await asyncio.to_thread(newest_left, site)
        await site.days.until(lambda: newest_left(site) > relayed, "the other process does not relay")
        await site.goes_on(10, "with one process standing")
    await site.all_ready()
    await site.goes_on(20, "with both again")
    return "sessions of both ended, one of two processes standing"


def newest_left(site: Site) -> int:
    """The archive's end less what waits: how far the relay has come."""
    return int(
        site.rows(
            "ticketing", "SELECT coalesce((SELECT min(seq) FROM outbox), (SELECT max(seq) + 1 FROM fact))"
        )[0][0]
    )


async def killed_at_random(site: Site) -> str:
    """Matrix 6: any process of any service, at any moment."""
    chance = random.Random(20261125)
    for _ in range(6):
        name, number = chance.choice(SERVICES), chance.randrange(2)
        await asyncio.to_thread(site.stack.kill, name, number)
        await site.days.last(chance.uniform(0.2, 1.5))
        assert not await asyncio.to_thread(site.alive, name, number)
        await asyncio.to_thread(site.stack.restart, name, number)
    await site.goes_on(20, "after the kills")
    return "6 processes killed"
