import pytest

from tests.tools.repository import lines, source
from tools.house import calls

COMMANDS = "services/ticketing/src/ticketing/tickets/commands.py"
QUERIES = "services/ticketing/src/ticketing/tickets/queries.py"
TEST = "services/ticketing/tests/unit/test_tickets.py"
CHASSIS = "libs/chassis/src/chassis"


def test_services_end_no_transaction() -> None:
    text = "async def f(session):\n    await session.commit()\n"
    assert lines(calls.ends_no_transaction(source(COMMANDS, text))) == [2]
    assert lines(calls.ends_no_transaction(source(f"{CHASSIS}/auth.py", text))) == [2]
    assert lines(calls.ends_no_transaction(source(f"{CHASSIS}/db.py", text))) == []
    assert lines(calls.ends_no_transaction(source(f"{CHASSIS}/http/routing.py", text))) == []
    assert lines(calls.ends_no_transaction(source(TEST, text))) == []


@pytest.mark.parametrize(
    "text",
    [
        "from datetime import UTC, datetime\nx = datetime.now(UTC)\n",
        "from datetime import date\nx = date.today()\n",
        "import datetime\nx = datetime.datetime.now()\n",
        "import datetime as dt\nx = dt.datetime.utcnow()\n",
        "import time\nx = time.time()\n",
        "from time import time as now\nx = now()\n",
        "from sqlalchemy import func\nx = func.now()\n",
    ],
)
def test_only_the_clock_reads_the_clock(text: str) -> None:
    assert lines(calls.reads_no_clock(source(COMMANDS, text))) == [2]
    assert lines(calls.reads_no_clock(source(f"{CHASSIS}/clock.py", text))) == []
    assert lines(calls.reads_no_clock(source("deploy/devstack/run.py", text))) == []


def test_durations_and_clocks_are_free() -> None:
    text = """
    import time
    def f(clock, row):
        started = time.monotonic()
        return clock.now(), row.now(), started
    """
    assert lines(calls.reads_no_clock(source(COMMANDS, text))) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import time\ntime.sleep(1)\n", [2]),
        ("import time\ntime.sleep(0)\n", [2]),
        ("import asyncio\nasync def f():\n    await asyncio.sleep(0.1)\n", [3]),
        ("from asyncio import sleep\nasync def f():\n    await sleep(5)\n", [3]),
        ("import asyncio\nasync def f():\n    await asyncio.sleep(0)\n", []),
        ("def f(device):\n    device.sleep(3)\n", []),
    ],
)
def test_no_test_sleeps(text: str, found: list[int]) -> None:
    assert lines(calls.never_sleeps(source(TEST, text))) == found
    assert lines(calls.never_sleeps(source("conftest.py", text))) == found
    assert lines(calls.never_sleeps(source(COMMANDS, text))) == []


def test_services_print_nothing() -> None:
    assert lines(calls.prints_nothing(source(COMMANDS, "print(1)\n"))) == [1]
    assert lines(calls.prints_nothing(source("deploy/devstack/run.py", "print(1)\n"))) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from sqlalchemy import update\nx = update(A).values(b=1)\n", [2]),
        ("from sqlalchemy.dialects.postgresql import insert\nx = insert(A)\n", []),
        ("from sqlalchemy import delete as remove\nx = remove(A)\n", [2]),
        ("from a.tables import tickets\nx = tickets.update().values(b=1)\n", [2]),
        ("seen = {}\nseen.update({'a': 1})\n", []),
        ("def update(x):\n    return x\nupdate(1)\n", []),
    ],
)
def test_update_statements_stand_in_commands(text: str, found: list[int]) -> None:
    assert lines(calls.updates_in_commands(source(QUERIES, text))) == found
    assert lines(calls.updates_in_commands(source(COMMANDS, text))) == []
    assert lines(calls.updates_in_commands(source(f"{CHASSIS}/outbox.py", text))) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('"""As in TicketIssued."""\n', []),
        ("class TicketIssued:\n    pass\n", [1]),
        ("def f(customer_id):\n    return customer_id\n", [1, 2]),
        ('x = "the complaint is closed"\n', [1]),
        ("f(sales=1)\n", [1]),
        ("outlets = address = presales = wholesale = 1\n", []),
    ],
)
def test_the_chassis_knows_no_banking(text: str, found: list[int]) -> None:
    assert lines(calls.knows_no_banking(source(f"{CHASSIS}/auth.py", text))) == found
    assert lines(calls.knows_no_banking(source(COMMANDS, text))) == []
