"""Calls that have one place: the transaction, the clock, the sleep, the statement that bypasses versions.

Each rule takes one parsed source and yields what is wrong in it.
"""

import ast
import re
from collections.abc import Callable, Iterator

from tools.sources import SERVICES, Finding, Source

Rule = Callable[[Source], Iterator[Finding]]

#: T1: the chassis' modules that end a transaction; a service's code never does.
COMMITTERS = (
    "chassis.cli",
    "chassis.consumer",
    "chassis.db",
    "chassis.http",
    "chassis.inbox",
    "chassis.jobs",
    "chassis.migrate",
    "chassis.outbox",
    "chassis.parking",
    "chassis.record_source",
    "chassis.relay",
    "chassis.republish",
    "chassis.runtime",
    "chassis.testing",
)

#: The two modules that may read the clock; everything else is handed a `Clock`, an instant or an id.
CLOCK_READERS = ("chassis.clock", "chassis.ids", "chassis.testing")

#: Calls that read the wall clock. Monotonic clocks measure durations and are free.
CLOCK_CALLS = frozenset(
    {
        "date.today",
        "datetime.now",
        "datetime.today",
        "datetime.utcnow",
        "func.current_date",
        "func.current_timestamp",
        "func.localtimestamp",
        "func.now",
        "func.clock_timestamp",
        "time.gmtime",
        "time.localtime",
        "time.time",
        "time.time_ns",
    }
)

SLEEPS = frozenset({"anyio.sleep", "asyncio.sleep", "time.sleep"})

#: Words of the trade in the chassis' names and strings. `outlet` is none: identity is scoped by outlet.
BANKING = frozenset(
    """
    assessment complaint customer employee evaluation fee kiosk payout product qualification sale seller
    suitability teller ticket tranche workload
    """.split()
)


def inside(module: str, places: tuple[str, ...]) -> bool:
    """Whether the module is one of the places or below one."""
    return any(module == place or module.startswith(f"{place}.") for place in places)


def calls(source: Source) -> Iterator[tuple[ast.Call, str]]:
    """Every call with the last two names of what is called, imports resolved: ``time.sleep``."""
    names = imported(source.tree)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call):
            yield node, called(node.func, names)


def imported(tree: ast.Module) -> dict[str, str]:
    """What a bare name stands for: ``sleep`` → ``asyncio.sleep`` (``from asyncio import sleep``)."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                found[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname:
                    found[alias.asname] = alias.name
    return found


def called(function: ast.expr, names: dict[str, str]) -> str:
    """The last two parts of a dotted name, or ``?.name`` for a method of an expression."""
    parts: list[str] = []
    while isinstance(function, ast.Attribute):
        parts.insert(0, function.attr)
        function = function.value
    parts.insert(0, names.get(function.id, function.id) if isinstance(function, ast.Name) else "?")
    return ".".join(".".join(parts).split(".")[-2:])


def ends_no_transaction(source: Source) -> Iterator[Finding]:
    """T1: effect, facts and idempotency row commit together, so only the chassis commits."""
    if source.package is None or inside(source.module, COMMITTERS):
        return
    for node, _ in calls(source):
        if isinstance(node.func, ast.Attribute) and node.func.attr == "commit":
            yield source.finding(node.lineno, "commit() belongs to the chassis (T1)")


def reads_no_clock(source: Source) -> Iterator[Finding]:
    """Time is handed in, so that a decision can be replayed and a test can stand on a boundary."""
    if source.package is None or inside(source.module, CLOCK_READERS):
        return
    for node, name in calls(source):
        if name in CLOCK_CALLS:
            yield source.finding(node.lineno, f"{name}() reads the clock: take a Clock or an instant")


def never_sleeps(source: Source) -> Iterator[Finding]:
    """A test waits for a signal; ``asyncio.sleep(0)`` only yields and is free."""
    if not source.is_test:
        return
    for node, name in calls(source):
        yields = bool(node.args) and isinstance(node.args[0], ast.Constant) and node.args[0].value == 0
        if name in SLEEPS and not (yields and name != "time.sleep"):
            yield source.finding(node.lineno, f"{name}() in a test: wait for a signal")


def prints_nothing(source: Source) -> Iterator[Finding]:
    """A service speaks through its log, its problems and its command line."""
    if source.package is None:
        return
    for node, _ in calls(source):
        if isinstance(node.func, ast.Name) and node.func.id == "print":
            yield source.finding(node.lineno, "print(): use the log")


def updates_in_commands(source: Source) -> Iterator[Finding]:
    """R1, C1: UPDATE and DELETE statements bypass the mapper's versions; only a use case decides that."""
    if source.package not in SERVICES or source.parts[-1] == "commands.py":
        return
    names = imported(source.tree)
    for node, _ in calls(source):
        function = node.func
        statement = isinstance(function, ast.Name) and re.fullmatch(
            r"sqlalchemy(\.\w+)*\.(update|delete)", names.get(function.id, "")
        )
        method = isinstance(function, ast.Attribute) and function.attr in {"update", "delete"}
        if statement or (method and not node.args and not node.keywords):
            yield source.finding(node.lineno, "UPDATE and DELETE statements belong to commands.py")


def knows_no_banking(source: Source) -> Iterator[Finding]:
    """The chassis is plumbing: no name or string of it is a word of the trade; docstrings give examples."""
    if source.package != "chassis":
        return
    prose = docstrings(source.tree)
    for node in ast.walk(source.tree):
        for text in spoken(node):
            if id(node) not in prose and (found := sorted(words(text) & BANKING)):
                yield source.finding(getattr(node, "lineno", 0), f"the chassis knows no {', '.join(found)}")


def spoken(node: ast.AST) -> Iterator[str]:
    """The names and strings of one node."""
    match node:
        case ast.Constant(value=str() as text):
            yield text
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.keyword(arg=str(name)):
            yield name
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            yield name
        case _:
            return


def docstrings(tree: ast.Module) -> set[int]:
    """The identities of the nodes that are docstrings or other strings that stand alone."""
    return {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def words(text: str) -> set[str]:
    """The words of a name or text, lower case, singular: ``TicketsIssued`` → ticket, issued."""
    return {word.lower().removesuffix("s") for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", text)}


RULES: tuple[Rule, ...] = (
    ends_no_transaction,
    reads_no_clock,
    never_sleeps,
    prints_nothing,
    updates_in_commands,
    knows_no_banking,
)
