"""Tickets: states, numbers, hands. What the database says against what was told on the topic."""

from collections import Counter, defaultdict

from deploy.books.model import Books, Check, Fact, Findings

TOPIC = "ticketing.tickets.v1"
FINAL = ("completed", "no_show", "cancelled", "expired")
ISSUED = "ticketing.ticket.issued.v1"
CALLED = "ticketing.ticket.called.v1"
SAT_DOWN = "ticketing.counter_session.opened.v1"
STOOD_UP = "ticketing.counter_session.closed.v1"
TAKEN = (CALLED, "ticketing.ticket.recalled.v1", "ticketing.ticket.started.v1")
LAID_DOWN = ("ticketing.ticket.completed.v1", "ticketing.ticket.no_show.v1")


def final_states_add_up(books: Books, found: Findings) -> int:
    """I1: issued = completed + no-show + cancelled + expired, per outlet and closed business date."""
    issued: Counter[tuple[str, str]] = Counter()
    ended: Counter[tuple[str, str]] = Counter()
    days = defaultdict(list)
    for row in books.rows("ticketing", "number_series"):
        day = (row["outlet_id"], str(row["business_date"]))
        issued[day] += row["issued"]
        days[day].append(row["closed"])
    for row in books.rows("ticketing", "tickets"):
        if row["state"] in FINAL:
            ended[row["outlet_id"], str(row["business_date"])] += 1
    closed = sorted(day for day, series in days.items() if all(series))
    for day in closed:
        if issued[day] != ended[day]:
            found.add(" ".join(day), f"{issued[day]} issued, {ended[day]} ended")
    return sum(issued[day] for day in closed)


def final_states_were_told(books: Books, found: Findings) -> int:
    """I1: each ticket has at most one final fact, and its row stands where that fact says."""
    told: dict[str | None, list[str]] = defaultdict(list)
    for fact in books.of_type(*(f"ticketing.ticket.{state}.v1" for state in FINAL)):
        told[fact.key].append(fact.type.split(".")[2])
    rows = {row["id"]: row["state"] for row in books.rows("ticketing", "tickets")}
    for key, states in told.items():
        if len(states) > 1:
            found.add(key, f"ended more than once: {states}")
        elif rows.get(key or "") != states[0]:
            found.add(key, f"told as {states[0]}, the row says {rows.get(key or '')}")
    for key, state in rows.items():
        if state in FINAL and key not in told:
            found.add(key, f"the row says {state}, no fact does")
    return len(rows)


def numbers_without_gap(books: Books, found: Findings) -> int:
    """I2: numbers are 1..n per queue and business date, each once; series, rows and facts agree."""
    serials: dict[tuple[str, str], list[int]] = defaultdict(list)
    told: dict[tuple[str, str], list[str]] = defaultdict(list)
    rows = books.rows("ticketing", "tickets")
    for row in rows:
        series = (row["queue_id"], str(row["business_date"]))
        serials[series].append(row["serial"])
        if not row["number"].endswith(f"{row['serial']:03d}"):
            found.add(row["id"], f"number {row['number']} of serial {row['serial']}")
    for fact in books.of_type(ISSUED):
        told[fact.data["queue_id"], fact.data["business_date"]].append(fact.data["number"])
    counted = {
        (row["queue_id"], str(row["business_date"])): row["issued"]
        for row in books.rows("ticketing", "number_series")
    }
    for series in sorted(serials.keys() | counted.keys() | told.keys()):
        expected = list(range(1, len(serials[series]) + 1))
        if sorted(serials[series]) != expected:
            found.add(" ".join(series), f"serials are not 1..{len(expected)}: {_odd(serials[series])}")
        if counted.get(series) != len(expected):
            found.add(" ".join(series), f"series counts {counted.get(series)}, rows {len(expected)}")
        if TOPIC not in books.trimmed and len(set(told[series])) != len(told[series]):
            found.add(" ".join(series), "a number was told twice")
    return len(rows)


def tickets_as_told(books: Books, found: Findings) -> int:
    """T1: each ticket's row is what its issue told: outlet, date, queue, number, service, channel."""
    rows = {row["id"]: row for row in books.rows("ticketing", "tickets")}
    told = {fact.key: fact for fact in books.of_type(ISSUED)}
    if TOPIC not in books.trimmed:
        found.expect_same(rows, told, lost="a row without the fact of its issue", stray="told, without a row")
    for key, row in rows.items():
        if fact := told.get(key):
            for name in ("outlet_id", "business_date", "queue_id", "number", "service_code", "channel"):
                found.expect_equal(key, str(row[name]), fact.data[name], f"{name}, row and fact")
    return len(rows)


def one_hand_at_a_time(books: Books, found: Findings) -> int:
    """I2: a ticket is in one hand at a time, and a hand (counter, employee) holds one ticket at a time."""
    facts = sorted(books.of_type(*TAKEN, *LAID_DOWN), key=lambda fact: fact.seq)
    holder: dict[str | None, str] = {}
    held: dict[tuple[str, str], str | None] = {}
    for fact in facts:
        for kind in ("counter_id", "employee_id"):
            _follow(fact, kind, held, found)
        if fact.type == CALLED and fact.key in holder:
            found.add(fact.key, f"called to counter {fact.data['counter_id']} while at {holder[fact.key]}")
        if fact.type in TAKEN and holder.get(fact.key, fact.data["counter_id"]) != fact.data["counter_id"]:
            found.add(fact.key, f"moved from counter {holder[fact.key]} to {fact.data['counter_id']}")
        holder[fact.key] = fact.data["counter_id"]
    return len(facts)


def calls_at_open_counters(books: Books, found: Findings) -> int:
    """I2: each call comes from a counter at which that employee sits, in the order of the archive."""
    facts = sorted(books.of_type(CALLED, SAT_DOWN, STOOD_UP), key=lambda fact: fact.seq)
    sits: dict[str, str | None] = {}
    for fact in facts:
        counter, employee = fact.data["counter_id"], fact.data["employee_id"]
        if fact.type == SAT_DOWN:
            if sits.get(counter):
                found.add(f"counter {counter}", f"{employee} sat down where {sits[counter]} sat")
            sits[counter] = employee
        elif fact.type == STOOD_UP:
            sits[counter] = None
        elif sits.get(counter) != employee:
            found.add(fact.key, f"called by {employee}, at counter {counter} sat {sits.get(counter)}")
    return len(facts)


def _follow(fact: Fact, kind: str, held: dict[tuple[str, str], str | None], found: Findings) -> None:
    hand = (kind, fact.data[kind])
    if fact.type in LAID_DOWN:
        if held.get(hand) == fact.key:
            held[hand] = None
    elif held.get(hand) not in (None, fact.key):
        found.add(f"{kind} {fact.data[kind]}", f"took {fact.key} while holding {held[hand]}")
    else:
        held[hand] = fact.key


def _odd(serials: list[int]) -> str:
    missing = sorted(set(range(1, len(serials) + 1)) - set(serials))
    doubled = sorted(serial for serial, count in Counter(serials).items() if count > 1)
    return f"missing {missing[:5]}, doubled {doubled[:5]}"


CHECKS: tuple[Check, ...] = (
    final_states_add_up,
    final_states_were_told,
    numbers_without_gap,
    tickets_as_told,
    one_hand_at_a_time,
    calls_at_open_counters,
)
