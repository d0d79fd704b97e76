"""Every comparison turned, fact dropped and day shifted in the gate's rules, one at a time: a mutant each.

Mutants are made from the source of the rule functions and from the entries of the rule files, so that a new
rule has its own without being named here. What only says why a rule is broken is left as it is.
"""

import ast
import importlib
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from compliance.evidence.domain import Plain
from compliance.rulebook.checks import SALE_CHECKS
from compliance.rulebook.domain import Check, PureCheck, Rule, Subject
from compliance.rulebook.facts import SaleFacts
from services.compliance.tests.gate.cases import FIRST_DAY
from services.compliance.tests.unit.builders import rulebook

Checks = Mapping[str, Check[SaleFacts]]

TURNED: Mapping[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
#: Calls that say which day or instant it is: a day later.
DAYS = frozenset({"legal_date", "add_months", "end_of"})
#: Calls that say why, and statements that decide nothing.
WORDS = frozenset({"fail", "unknown", "Finding"})


@dataclass(frozen=True)
class Mutant:
    """The rules as one changed place would make them; ``where`` is a function, or a rule with its function.

    ``rules`` are the ids that the change may reach.
    """

    where: str
    change: str
    rules: frozenset[str]
    checks: Checks
    entries: tuple[Rule, ...]

    @property
    def name(self) -> str:
        """Where, and what became what."""
        return f"{self.where}: {self.change}"


def entries() -> tuple[Rule, ...]:
    """The sale's rules from the first day on."""
    later = (rule for rule in rulebook().rules if rule.subject is Subject.SALE)
    return tuple(rule for rule in later if rule.effective_to is None or rule.effective_to > FIRST_DAY)


def mutants() -> Iterator[Mutant]:
    """One after the other: those of the functions, module by module, then those of the rule files."""
    used = {rule.function for rule in entries()}
    for module in sorted({module_of(SALE_CHECKS[name]) for name in used}):
        yield from _of_module(module)
    for rule in entries():
        for change, other in _of_entry(rule):
            others = tuple(other if one is rule else one for one in entries())
            yield Mutant(f"{rule.id} {rule.function}", change, frozenset({rule.id}), SALE_CHECKS, others)


def module_of(check: Check[SaleFacts]) -> str:
    """The module in which a rule's function stands."""
    assert isinstance(check, PureCheck)
    return str(check.function.__module__)


def _of_module(module: str) -> Iterator[Mutant]:
    origin = importlib.import_module(module).__file__
    assert origin is not None
    tree = ast.parse(Path(origin).read_text(encoding="utf-8"))
    by_function: dict[str, set[str]] = {}
    for rule in entries():
        check = SALE_CHECKS[rule.function]
        if isinstance(check, PureCheck) and module_of(check) == module:
            by_function.setdefault(check.function.__name__, set()).add(rule.id)
    everyone = {rule for rules in by_function.values() for rule in rules}
    for statement in tree.body:
        for function in _functions(statement):
            for change in _changed(function):
                ast.fix_missing_locations(function)
                copy = types.ModuleType(module)
                exec(compile(tree, origin, "exec"), copy.__dict__)
                checks = {**SALE_CHECKS, **{check.name: check for check in copy.CHECKS}}
                where = f"{module.rpartition('.')[2]}.{function.name}"
                rules = frozenset(by_function.get(function.name, everyone))
                yield Mutant(where, change, rules, checks, entries())


def _functions(statement: ast.stmt) -> Iterator[ast.FunctionDef]:
    if isinstance(statement, ast.FunctionDef):
        yield statement
    elif isinstance(statement, ast.ClassDef):
        functions = (one for one in statement.body if isinstance(one, ast.FunctionDef))
        # Methods of Python's own look at parameters, not at sales.
        yield from (one for one in functions if not one.name.startswith("__"))


def _changed(function: ast.FunctionDef) -> Iterator[str]:
    """Changes one place of the function after the other; each is put back when the next is asked for."""
    for holder, name, number in list(_places(function)):
        held = getattr(holder, name)
        old = held if number is None else held[number]
        for new in _others(old, holder, name):
            _put(holder, name, number, new)
            yield f"{ast.unparse(old)} -> {ast.unparse(new)}"
            _put(holder, name, number, old)


def _put(holder: ast.AST, name: str, number: int | None, node: ast.AST) -> None:
    if number is None:
        setattr(holder, name, node)
    else:
        getattr(holder, name)[number] = node


def _places(node: ast.AST) -> Iterator[tuple[ast.AST, str, int | None]]:
    """Where expressions stand that decide something, as (holder, field, index)."""
    if isinstance(node, ast.Assert) or (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in WORDS
    ):
        return
    for name, value in ast.iter_fields(node):
        if name in {"args", "returns", "annotation", "decorator_list"} and not isinstance(node, ast.Call):
            continue
        for number, one in enumerate(value) if isinstance(value, list) else ((None, value),):
            if isinstance(one, ast.AST):
                yield node, name, number
                yield from _places(one)


def _others(node: ast.AST, holder: ast.AST, field: str) -> Iterator[ast.expr]:
    """What the expression could have been by mistake."""
    false, true = ast.Constant(value=False), ast.Constant(value=True)
    if isinstance(node, ast.Compare):
        for n, operator in enumerate(node.ops):
            turned = [*node.ops[:n], TURNED[type(operator)](), *node.ops[n + 1 :]]
            yield ast.Compare(left=node.left, ops=turned, comparators=node.comparators)
    elif isinstance(node, ast.BoolOp):
        for n in range(len(node.values)):
            kept = node.values[:n] + node.values[n + 1 :]
            yield kept[0] if len(kept) == 1 else ast.BoolOp(op=node.op, values=kept)
    elif isinstance(node, ast.Set | ast.Tuple) and isinstance(holder, ast.Compare):
        for n in range(len(node.elts)):
            kept_elements = [*node.elts[:n], *node.elts[n + 1 :]]
            yield ast.Tuple(elts=kept_elements, ctx=ast.Load())
    elif isinstance(node, ast.Constant) and type(node.value) is int and not isinstance(holder, ast.Subscript):
        yield ast.Constant(value=node.value + 1)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in DAYS:
        yield ast.BinOp(left=node, op=ast.Add(), right=ast.parse(DAY, mode="eval").body)
    if field == "test" and isinstance(holder, ast.If | ast.IfExp) and isinstance(node, ast.expr):
        yield false
        if isinstance(holder, ast.IfExp):
            yield true
    if field == "ifs":
        yield true
    if isinstance(holder, ast.Dict) and field == "values" and _decides(node):
        yield false


DAY = "__import__('datetime').timedelta(days=1)"


def _decides(node: ast.AST) -> bool:
    called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"any", "all"}
    return called or isinstance(node, ast.Compare | ast.BoolOp | ast.UnaryOp)


def _of_entry(rule: Rule) -> Iterator[tuple[str, Rule]]:
    """The entry with one parameter, kind or day of it changed."""
    check = SALE_CHECKS[rule.function]
    for name, value in rule.parameters.items():
        for change, other in _of_value(value):
            parameters: Mapping[str, Plain] = {**rule.parameters, name: other}
            try:
                check.accept(parameters)
            except ValueError:
                continue
            yield f"{name}: {change}", replace(rule, parameters=parameters)
    for kind in rule.product_kinds or ():
        kept = tuple(one for one in rule.product_kinds or () if one != kind)
        yield f"product_kinds: without {kind}", replace(rule, product_kinds=kept)
    if rule.product_kinds is not None:
        yield "product_kinds: every", replace(rule, product_kinds=None)
    if rule.effective_from >= FIRST_DAY:
        later = rule.effective_from + timedelta(days=1)
        yield f"effective_from: {later}", replace(rule, effective_from=later)


def _of_value(value: Any) -> Iterator[tuple[str, Plain]]:
    if isinstance(value, bool):
        yield f"{value} -> {not value}", not value
    elif isinstance(value, int):
        yield from ((f"{value} -> {value + by}", value + by) for by in (-1, 1))
    elif isinstance(value, str):
        yield f"{value} -> OTHER", "OTHER"
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            for change, other in _of_value(inner):
                yield f"{name}: {change}", {**value, name: other}
    elif value is not None:
        for n, one in enumerate(value):
            yield f"without {one}", [*value[:n], *value[n + 1 :]]
            if isinstance(one, Mapping):
                for change, other in _of_value(one):
                    yield f"{n}: {change}", [*value[:n], other, *value[n + 1 :]]
