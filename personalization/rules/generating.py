"""Rules written as Python source and compiled.

The source has nothing in it but the names of operands (o0, o1, …), of what they are compared with
(c0, c1, …) and the words of `comparing.py`; all values come in as globals. Rules of one shape have
one source, so that its code, which is what costs time, is made once and kept.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from operator import itemgetter
from textwrap import indent
from types import CodeType, FunctionType
from typing import Any, Final
from zlib import crc32

from personalization.rules.comparing import WRITTEN
from personalization.rules.operands import Operand, operand_of
from personalization.rules.reading import Comparable, Known
from personalization.rules.sharing import Shared, shared_among
from personalization.rules.tree import Condition, Group

Matcher = Callable[[Known], bool]

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# What stands before the members and between them.
COMBINE: Final[Mapping[str, tuple[str, str]]] = {
    "all": ("", " and "),
    "any": ("", " or "),
    "none": ("not ", " or "),
}
NOTHING_ASKED: Final[Mapping[str, str]] = {"all": "True", "any": "False", "none": "False"}
# A fact is read where the rule first comes to it, and remembered with the visitor.
LAZY: Final = "(read[{0}] if {0} in read else {0}.read(known))"
ONE_RULE: Final = "def rule(known):\n read = known.read\n return {}\n"
MANY_RULES: Final = "def rules(known, add, extend, {}):\n read = known.read\n{}"
MEMBER: Final = " if {}:\n  add({})\n"
# What is asked of all rules that share a member, before what each asks besides.
SHARED: Final[Mapping[str, str]] = {
    "all": " if {member}:\n{rules}",
    "any": " if {member}:\n  extend({keys})\n else:\n{rules}",
    "none": " if not ({member}):\n{rules}",
}
# Each function is handed all facts it compares, so that fewer of them answer sooner; a change
# compiles one of them anew, in some 30 ms. Requests ask rules one by one, and are not held up.
RULES_TOGETHER: Final = 512


@dataclass
class _Names:
    """Names given to what a source speaks of, in order of appearance; `read` writes a fact."""

    read: str
    operands: dict[Operand, str] = field(default_factory=dict)
    constants: dict[str, Any] = field(default_factory=dict)

    def operand(self, one: Operand) -> str:
        read = LAZY if one.is_costly else self.read
        return read.format(self.operands.setdefault(one, f"o{len(self.operands)}"))

    def constant(self, value: Any) -> str:
        name = f"c{len(self.constants)}"
        self.constants[name] = value
        return name

    def globals(self) -> dict[str, Any]:
        named = {name: one for one, name in self.operands.items()}
        return {**named, **self.constants, "__builtins__": {}}


class _BookNames(_Names):
    """Names of a source that is nobody else's: numbers stand in it as they are, which is faster."""

    def constant(self, value: Any) -> str:
        is_number = type(value) is float and math.isfinite(value)
        return repr(value) if is_number else super().constant(value)


def matcher_of(group: Group) -> Matcher:
    """Return the rule as one function; it names no segments any more."""
    names = _Names(LAZY)
    return _function(ONE_RULE.format(_group(group, names)), "rule", names.globals())


def passes(condition: Condition, actual: Comparable) -> bool:
    """Return whether a fact that is this passes the condition, where the moment is no matter."""
    known, operand = Known({}, {}, EPOCH), _operand(condition)
    known.read[operand] = operand.form(actual, operand.argument, known)
    return matcher_of(Group("all", (condition,)))(known)


class RuleBook:
    """Many rules that are asked together: each fact is read once, before all of them.

    What costs much is read where a rule comes to it; what rules share is asked once. Rules are
    kept in groups by their key, so that a change compiles one group anew.
    """

    def __init__(self, rules: Mapping[str, Group]) -> None:
        groups: dict[int, dict[str, Group]] = {}
        number = 1 << (max(len(rules) // RULES_TOGETHER, 1) - 1).bit_length()
        for key, rule in rules.items():
            groups.setdefault(crc32(key.encode()) % number, {})[key] = rule
        parts = [_part(group) for group in groups.values()]
        self._operands = tuple(dict.fromkeys(one for part in parts for one in part.operands))
        places = {one: place for place, one in enumerate(self._operands)}
        self._parts = [
            (part.function, _picker([places[one] for one in part.operands])) for part in parts
        ]

    def matching(self, known: Known) -> list[str]:
        """Return the keys of the rules that hold, in no order."""
        read = known.read
        values = [read[one] if one in read else one.read(known) for one in self._operands]
        found: list[str] = []
        add, extend = found.append, found.extend
        for function, pick in self._parts:
            function(known, add, extend, *pick(values))
        return found


@dataclass(frozen=True, slots=True)
class _Part:
    """Some rules in one function of the values of its operands."""

    function: Callable[..., None]
    operands: tuple[Operand, ...]


def _part(rules: Mapping[str, Group]) -> _Part:
    names = _BookNames("{}")
    shared = shared_among(rules)
    together = {key for one in shared for key in one.rules}
    alone = {key: rule for key, rule in rules.items() if key not in together}
    lines = "".join([*(_shared(one, names) for one in shared), _members(alone, names)])
    given = tuple(one for one in names.operands if not one.is_costly)
    source = MANY_RULES.format(", ".join(names.operands[one] for one in given), lines or " pass")
    return _Part(_function(source, "rules", names.globals()), given)


def _shared(shared: Shared, names: _Names) -> str:
    return SHARED[shared.match].format(
        member=_member(shared.member, names),
        keys=names.constant(tuple(shared.rules)),
        rules=indent(_members(shared.rules, names), " "),
    )


def _members(rules: Mapping[str, Group], names: _Names) -> str:
    return "".join(
        MEMBER.format(_group(rule, names), names.constant(key)) for key, rule in rules.items()
    )


def _picker(places: Sequence[int]) -> Callable[[list[Any]], tuple[Any, ...]]:
    if len(places) <= 1:
        return lambda values: tuple(values[place] for place in places)
    return itemgetter(*places)


def _group(group: Group, names: _Names) -> str:
    before, between = COMBINE[group.match]
    members = between.join(_member(one, names) for one in sorted(group.members, key=_is_costly))
    # Nothing is left to ask where what was shared was all.
    return f"{before}({members or NOTHING_ASKED[group.match]})"


def _is_costly(member: Condition | Group) -> bool:
    """Whether it is asked last: the order is no matter for the answer."""
    if isinstance(member, Group):
        return any(_is_costly(one) for one in member.members)
    return _operand(member).is_costly


def _member(member: Condition | Group, names: _Names) -> str:
    return _group(member, names) if isinstance(member, Group) else _condition(member, names)


def _condition(condition: Condition, names: _Names) -> str:
    written = WRITTEN[condition.operator]
    constants = written.constants(condition.value)
    return written.expression.format(
        fact=names.operand(_operand(condition)),
        **{name: names.constant(value) for name, value in constants.items()},
    )


def _operand(condition: Condition) -> Operand:
    written = WRITTEN[condition.operator]
    return operand_of(condition.fact, written.form, written.argument(condition.value))


def _function(source: str, name: str, names: dict[str, Any]) -> Callable[..., Any]:
    return FunctionType(_code(source, name), names)


@lru_cache(maxsize=20_000)
def _code(source: str, name: str) -> CodeType:
    made = compile(source, "<rules>", "exec")
    return next(one for one in made.co_consts if isinstance(one, CodeType) and one.co_name == name)
