"""T1: what shares a statement, what stands alone, and that nobody is left waiting."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from chassis.lanes import GATHERING, Lanes


@dataclass
class Line:
    """A connection of thin air."""

    lost: bool = False

    def is_closed(self) -> bool:
        return self.lost


@dataclass
class Office:
    """Counts connections and statements; a statement waits for ``go`` and doubles what it is given."""

    statements: list[list[int]] = field(default_factory=list)
    connections: int = 0
    most: int = 0
    opened: int = 0
    go: asyncio.Event = field(default_factory=asyncio.Event)
    fails: Callable[[Line, Sequence[int]], bool] = lambda line, items: False
    closed_door: bool = False

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Line]:
        if self.closed_door:
            raise ConnectionError("no connection")
        self.connections += 1
        self.opened += 1
        self.most = max(self.most, self.connections)
        try:
            yield Line()
        finally:
            self.connections -= 1
            await asyncio.sleep(0)

    async def double(self, line: Line, items: Sequence[int]) -> Sequence[int]:
        self.statements.append(list(items))
        await self.go.wait()
        if self.fails(line, items):
            raise ValueError(f"cannot: {list(items)}")
        return [2 * item for item in items]


def lanes(office: Office, lanes: int = 1, together_max: int = 64) -> Lanes[Line, int, int]:
    return Lanes(office.connect, office.double, lanes=lanes, together_max=together_max)


async def settled(office: Office, statements: int) -> None:
    """Lets the loop turn until that many statements run or have run."""
    for _ in range(50):
        if len(office.statements) >= statements:
            return
        await asyncio.sleep(0)
    raise AssertionError(office.statements)


async def turns() -> None:
    """Lets the loop turn until whatever can happen by itself has happened."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_single_request_does_not_wait_for_company() -> None:
    office = Office()
    office.go.set()
    assert await lanes(office).put(21) == 42
    assert office.statements == [[21]]


async def test_what_comes_during_a_statement_shares_the_next() -> None:
    office = Office()
    desk = lanes(office)
    first = desk.put(0)
    await settled(office, 1)
    rest = [desk.put(item) for item in range(1, 6)]
    office.go.set()
    assert await asyncio.gather(first, *rest) == [0, 2, 4, 6, 8, 10]
    assert office.statements == [[0], [1, 2, 3, 4, 5]]


async def test_who_was_answered_together_leaves_together_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.lanes.GATHERING", 1e9)
    office = Office()
    desk = lanes(office)
    together = [desk.put(item) for item in (0, 1, 2)]
    await settled(office, 1)
    office.go.set()
    await asyncio.gather(*together)
    again = [desk.put(3)]
    for item in (4, 5):
        await turns()
        assert office.statements == [[0, 1, 2]]
        again.append(desk.put(item))
    assert await asyncio.gather(*again) == [6, 8, 10]
    assert office.statements == [[0, 1, 2], [3, 4, 5]]


async def test_who_comes_again_alone_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.lanes.GATHERING", 0.01)
    office = Office()
    office.go.set()
    desk = lanes(office)
    await asyncio.gather(*[desk.put(item) for item in (0, 1, 2)])
    assert await desk.put(3) == 6
    assert office.statements == [[0, 1, 2], [3]]


async def test_closing_does_not_wait_for_company(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.lanes.GATHERING", 1e9)
    office = Office()
    office.go.set()
    desk = lanes(office)
    await asyncio.gather(*[desk.put(item) for item in (0, 1)])
    last = desk.put(2)
    await turns()
    await desk.close()
    assert await last == 4


async def test_statement_carries_no_more_than_its_bound() -> None:
    office = Office()
    office.go.set()
    desk = lanes(office, together_max=2)
    await asyncio.gather(*[desk.put(item) for item in range(5)])
    assert office.statements == [[0, 1], [2, 3], [4]]


async def test_long_statement_is_passed_by_within_bounds() -> None:
    office = Office()
    desk = Lanes[Line, int, int](office.connect, office.double, lanes=2, together_max=1, long_seconds=0.0)
    waiting = [desk.put(item) for item in range(6)]
    await settled(office, 2)
    office.go.set()
    await asyncio.gather(*waiting)
    assert office.most == 2


async def test_short_statements_share_one_lane() -> None:
    office = Office()
    desk = lanes(office, lanes=4)
    waiting = [desk.put(item) for item in range(3)]
    await settled(office, 1)
    waiting += [desk.put(item) for item in range(3, 6)]
    office.go.set()
    await asyncio.gather(*waiting)
    assert (office.most, office.statements) == (1, [[0, 1, 2], [3, 4, 5]])


async def test_failure_is_the_own_one() -> None:
    office = Office(fails=lambda line, items: 3 in items)
    office.go.set()
    desk = lanes(office)
    answers = await asyncio.gather(*[desk.put(item) for item in (1, 3, 5)], return_exceptions=True)
    assert (answers[0], answers[2]) == (2, 10)
    assert str(answers[1]) == "cannot: [3]"
    assert office.statements == [[1, 3, 5], [1], [3], [5]]


async def test_lost_connection_is_replaced() -> None:
    def lose(line: Line, items: Sequence[int]) -> bool:
        line.lost = items == [1]
        return line.lost

    office = Office(fails=lose)
    desk = lanes(office, together_max=1)
    one, two = desk.put(1), desk.put(2)
    office.go.set()
    with pytest.raises(ValueError, match="cannot"):
        await one
    assert await two == 4


async def test_no_connection_tells_everybody_and_the_next_one_tries_again() -> None:
    office = Office(closed_door=True)
    office.go.set()
    desk = lanes(office)
    answers = await asyncio.gather(desk.put(1), desk.put(2), return_exceptions=True)
    assert [type(answer) for answer in answers] == [ConnectionError, ConnectionError]
    office.closed_door = False
    assert await desk.put(3) == 6


async def test_who_has_gone_is_not_served_who_goes_later_is() -> None:
    office = Office()
    desk = lanes(office)
    first = desk.put(0)
    await settled(office, 1)
    gone, stays = desk.put(1), desk.put(2)
    gone.cancel()
    first.cancel()
    office.go.set()
    assert await stays == 4
    assert office.statements == [[0], [2]]


@pytest.mark.parametrize("gathering", [GATHERING, 1e9])
async def test_single_ones_wait_for_nobody_and_the_lane_keeps_its_connection_for_a_moment(
    gathering: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.lanes.GATHERING", gathering)
    office = Office()
    office.go.set()
    desk = lanes(office)
    for item in range(3):
        assert await desk.put(item) == 2 * item
        await asyncio.sleep(0)
    assert office.opened == 1


async def test_request_that_comes_while_a_lane_ends_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.lanes.IDLE_SECONDS", 0.0)
    office = Office()
    office.go.set()
    desk = lanes(office)
    for item in range(20):
        assert await desk.put(item) == 2 * item
        for _ in range(item % 4):
            await asyncio.sleep(0)
    assert office.opened > 1


async def test_closing_waits_for_what_is_under_way_and_lets_every_connection_go() -> None:
    office = Office()
    desk = lanes(office)
    under_way = desk.put(1)
    await settled(office, 1)
    closing = asyncio.create_task(desk.close())
    await asyncio.sleep(0)
    assert not closing.done()
    office.go.set()
    await closing
    assert await under_way == 2
    assert office.connections == 0
