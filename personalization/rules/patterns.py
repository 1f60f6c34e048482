"""The regular expressions a rule may state: what RE2 and PostgreSQL understand alike.

Literals, `.`, `^`, `$`, groups, `|`, classes such as `[a-z_]`, `\\d` `\\w` `\\s`, the quantifiers
`* + ?`, and behind a single sign `{m} {m,} {m,n}`. Each is written out anew for both, so that
neither dialect's own meaning of a class, a blank or a capital comes in. There are no
backreferences, no looking around and no counted groups, which PostgreSQL may find too complex.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import re2

from personalization.rules.folding import fold

MAX_REPEAT: Final = 25
MAX_GROUPS_DEEP: Final = 10
SPECIAL: Final = frozenset("\\.^$|?*+()[]{}")
# The same letters, digits and blanks for both, whatever a database takes for a letter.
CLASSES: Final[Mapping[str, str]] = {"d": "0-9", "w": "0-9a-z_", "s": " \t\n\r\f\v"}
QUANTIFIERS: Final = frozenset("*+?")
NOT_IN_CLASS: Final = frozenset("[^\\")
ENDS: Final = ("az", "AZ", "09")


class PatternError(Exception):
    """The expression is refused; the message says what to change."""


def written_out(pattern: str) -> str:
    """Return the expression as both engines read it, for folded texts; raises PatternError."""
    reader = _Reader(pattern)
    made = reader.alternatives(depth=0)
    if reader.at < len(pattern):
        raise PatternError("A closing bracket has no opening one. To mean it, write \\).")
    return made


@lru_cache(maxsize=10_000)
def compiled(pattern: str) -> Any:
    """Return RE2's reading of a written out expression; it cannot run away."""
    options = re2.Options()
    options.dot_nl = True
    options.log_errors = False
    options.never_capture = True
    try:
        return re2.compile(pattern, options=options)
    except re2.error as error:
        raise PatternError("This expression is too large.") from error


@dataclass
class _Reader:
    """A walk through an expression from left to right; `at` is the next character."""

    pattern: str
    at: int = 0

    def alternatives(self, *, depth: int) -> str:
        if depth > MAX_GROUPS_DEEP:
            raise PatternError(f"Groups go at most {MAX_GROUPS_DEEP} deep.")
        branches = [self._branch(depth)]
        while self._take("|"):
            branches.append(self._branch(depth))
        return "|".join(branches)

    def _branch(self, depth: int) -> str:
        pieces: list[str] = []
        while self._peek() not in ("", "|", ")"):
            pieces.append(self._piece(depth))
        if not pieces:
            raise PatternError("Leave no side of | and no brackets empty.")
        return "".join(pieces)

    def _piece(self, depth: int) -> str:
        taken = self._next()
        if taken in ("^", "$"):
            return taken
        atom = self._atom(taken, depth)
        if self._peek() in QUANTIFIERS and self._peek():
            return self._once(atom + self._next())
        if not self._take("{"):
            return atom
        if taken == "(":
            raise PatternError("Count a single sign, not a group.")
        return self._once(atom + self._count())

    def _once(self, piece: str) -> str:
        if self._peek() and self._peek() in "*+?{":
            raise PatternError("Put one quantifier behind a part, not several.")
        return piece

    def _atom(self, taken: str, depth: int) -> str:
        if taken == "(":
            return self._group(depth)
        if taken == "[":
            return self._class()
        if taken == "\\":
            return self._escape()
        if taken in SPECIAL and taken != ".":
            raise PatternError(f"To mean {taken} itself, write \\{taken}.")
        return taken if taken == "." else fold_letter(taken)

    def _group(self, depth: int) -> str:
        if self._peek() == "?":
            raise PatternError("Groups that begin with (? are not known here.")
        inner = self.alternatives(depth=depth + 1)
        if not self._take(")"):
            raise PatternError("An opening bracket has no closing one.")
        return f"(?:{inner})"

    def _escape(self) -> str:
        taken = self._next()
        if taken in CLASSES:
            return f"[{CLASSES[taken]}]"
        if taken in SPECIAL and taken:
            return f"\\{taken}"
        raise PatternError("Behind \\ stands d, w, s or a sign that has a meaning here.")

    def _class(self) -> str:
        negation = "^" if self._take("^") else ""
        items: list[str] = []
        while not self._take("]"):
            items.append(self._class_item())
        if not items:
            raise PatternError("Put something between [ and ].")
        # A hyphen that means itself stands last.
        hyphen = "-" if "-" in items else ""
        return f"[{negation}{''.join(one for one in items if one != '-')}{hyphen}]"

    def _class_item(self) -> str:
        first = self._next()
        if not first:
            raise PatternError("A [ has no ].")
        if first == "\\" and self._peek() in (*CLASSES, "-"):
            taken = self._next()
            return CLASSES.get(taken, taken)
        if first in NOT_IN_CLASS:
            raise PatternError(
                "Between [ and ] leave out [, ^ and \\, except \\d, \\w, \\s and \\-."
            )
        if self._peek() == "-" and self.pattern[self.at + 1 : self.at + 2] not in ("", "]"):
            self._next()
            return self._range(first, self._next())
        return fold_letter(first)

    def _range(self, first: str, last: str) -> str:
        if not any(low <= first <= last <= high for low, high in ENDS):
            raise PatternError("A range goes from a to z or from 0 to 9.")
        return f"{fold_letter(first)}-{fold_letter(last)}"

    def _count(self) -> str:
        low, comma, high = self._until("}").partition(",")
        bounds = [low, high] if comma and high else [low]
        if not all(one.isascii() and one.isdigit() and int(one) <= MAX_REPEAT for one in bounds):
            raise PatternError(f"Count from 0 to {MAX_REPEAT}, such as {{2}} or {{2,5}}.")
        numbers = [int(one) for one in bounds]
        if numbers != sorted(numbers):
            raise PatternError("Give the lower count first.")
        return "{" + ",".join(map(str, numbers)) + ("," if comma and not high else "") + "}"

    def _until(self, end: str) -> str:
        found = self.pattern.find(end, self.at)
        if found < 0:
            raise PatternError("A { has no }. To mean it, write \\{.")
        taken = self.pattern[self.at : found]
        self.at = found + 1
        return taken

    def _peek(self) -> str:
        return self.pattern[self.at : self.at + 1]

    def _next(self) -> str:
        taken = self._peek()
        self.at += 1
        return taken

    def _take(self, wanted: str) -> bool:
        is_there = self._peek() == wanted
        self.at += is_there
        return is_there


def fold_letter(letter: str) -> str:
    """Return a letter as folded texts have it; a blank stays."""
    return fold(letter) or letter
