"""The form in which a marketer writes a rule."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.http import QueryDict

from personalization.rules.calling import called
from personalization.rules.contradicting import find_contradictions
from personalization.rules.parsing import Rule, RuleError, parse_rule
from personalization.rules.references import inlined
from personalization.rules.vocabulary import MEMBER, OPERATORS_OF, PARAMETERS, VALUE_KINDS
from personalization.segments.arranging import Arranged, NotArrangeable
from personalization.segments.calling import SavedNames
from personalization.segments.condition_form import ConditionForm, ConditionFormSet
from personalization.segments.distributing import distribution_of
from personalization.segments.explaining import explained_facts
from personalization.segments.limiting import TookTooLong
from personalization.segments.models import saved_rule
from personalization.segments.nesting import Branch, below, nested, placed, rule_of
from personalization.segments.pressing import FIELDS_SET, pressed, rows_after
from personalization.segments.recognising import check_lists, unknown_names
from personalization.segments.rows import EDITORS, Row, rows_of, with_name
from personalization.segments.rule_form import RuleForm
from personalization.segments.ruling_out import why_nobody
from personalization.segments.suggesting import Suggestions

PREFIX: Final = "rule"
# The buttons that change rows: "act:number:argument".
ACT: Final = "rule-do"
# What the script of the form knows of the rule language.
VOCABULARY: Final = {
    "parameters": PARAMETERS,
    "operators": OPERATORS_OF,
    "values": VALUE_KINDS,
    "editors": EDITORS,
}


@dataclass(slots=True)
class RuleBuilder:
    """The two forms that together state a rule.

    After a button was pressed, `focus` is the id of what to go on with, and `notice` says what
    could not be done. `names` are what segments are called, read once for all of it.
    """

    rule_form: RuleForm
    rows: Any
    suggestions: Suggestions
    key: str = ""
    is_arranged: bool = False
    focus: str = ""
    notice: str = ""
    names: SavedNames = field(default_factory=SavedNames)

    @classmethod
    def showing(cls, raw: Any, suggestions: Suggestions) -> "RuleBuilder":
        """Return a builder that shows a stored rule, or nothing yet."""
        shown = rows_of(raw) if raw else ("all", [])
        match, rows = shown or ("all", [])
        initial = {"match": match, "use_json": shown is None, "json": _pretty(raw)}
        names = SavedNames()
        typed = [with_name(one, names) for one in rows] or [{}]
        rule_form = RuleForm(prefix=PREFIX, initial=initial)
        made = cls(rule_form, _rows(suggestions, names, typed), suggestions, names=names)
        if rows:
            made._warn(raw, match)
        return made

    @classmethod
    def sent(
        cls, data: QueryDict | Mapping[str, Any], suggestions: Suggestions, *, key: str = ""
    ) -> "RuleBuilder":
        """Return a builder with what the browser sent for the segment with this key."""
        rule_form, names = RuleForm(data, prefix=PREFIX), SavedNames()
        rows = _rows(suggestions, names, data=data)
        return cls(rule_form, rows, suggestions, key, names=names)

    @classmethod
    def arranged(
        cls, data: QueryDict | Mapping[str, Any], suggestions: Suggestions, *, now: datetime
    ) -> "RuleBuilder":
        """Return a builder with what the browser sent, after the button that was pressed."""
        sent = cls.sent(data, suggestions)
        typed = [row.typed() for row in sent.rows]
        act, number, argument = pressed(str(data.get(ACT, "")))
        notice = ""
        try:
            after = rows_after(typed, act=act, number=number, argument=argument)
        except NotArrangeable as error:
            after, notice = Arranged(typed, number), str(error)
        initial = {name: sent.rule_form[name].value() for name in sent.rule_form.fields}
        made = cls(
            rule_form=RuleForm(prefix=PREFIX, initial=initial),
            rows=_rows(suggestions, sent.names, after.rows),
            suggestions=suggestions,
            names=sent.names,
            is_arranged=True,
            notice=notice,
        )
        made._look_at(act, after, now=now)
        return made

    @property
    def vocabulary(self) -> Mapping[str, Any]:
        """What the form's script shows and hides by."""
        return VOCABULARY

    @property
    def facts(self) -> list[dict[str, Any]]:
        """Every fact, explained, to search among."""
        return explained_facts(self.suggestions)

    @property
    def branches(self) -> list[Branch]:
        """The rows, each with those in it."""
        return nested(self.rows)

    def raw_rule(self) -> dict[str, Any] | None:
        """Return the rule as JSON, or None after adding errors where they belong."""
        if not self.rule_form.is_valid():
            return None
        return self._from_json() if self.rule_form.cleaned_data["use_json"] else self._from_rows()

    def parsed_rule(self) -> Rule | None:
        """Return the rule as values, or None after adding errors where they belong."""
        raw = self.raw_rule()
        return None if raw is None else parse_rule(raw)

    def finished_rule(self) -> dict[str, Any] | None:
        """Return what the finished rows state, after adding errors to the others; None for none."""
        raw = self.raw_rule()
        if raw is not None or not self.rule_form.is_valid() or self.rule_form["use_json"].value():
            return raw
        match = self.rule_form.cleaned_data["match"]
        # Each turn blames a row, which is left out of the next.
        for _ in self.rows:
            raw = rule_of(self.branches, match=match)
            if not raw[match]:
                break
            try:
                self._check(raw)
            except RuleError as error:
                self._blame(error, match)
            else:
                self._warn(raw, match)
                return raw
        return None

    def unfinished(self) -> list[Branch]:
        """Return the rows that have errors, in their order."""
        return [one for one in below(self.branches) if one.form.errors]

    def row_errors(self) -> dict[str, dict[str, list[str]]]:
        """Return what is wrong with rows, by the prefix of their fields and by field."""
        return {
            str(one.form.prefix): {
                name: list(map(str, said)) for name, said in one.form.errors.items()
            }
            for one in self.unfinished()
        }

    def errors(self) -> Iterator[str]:
        """Yield what is wrong with the rule as a whole; rows show their own errors."""
        for messages in self.rule_form.errors.values():
            yield from map(str, messages)
        yield from map(str, self.rows.non_form_errors())

    def row_warnings(self) -> dict[str, tuple[str, ...]]:
        """Return what is odd about rows, by the prefix of their fields."""
        return {row.prefix: row.warnings for row in self.rows if row.warnings}

    def _from_json(self) -> dict[str, Any] | None:
        try:
            raw: dict[str, Any] = self.rule_form.parsed_json()
            self._check(raw)
        except RuleError as error:
            self.rule_form.add_error("json", str(error))
            return None
        return raw

    def _from_rows(self) -> dict[str, Any] | None:
        if not self.rows.is_valid():
            return None
        match = self.rule_form.cleaned_data["match"]
        raw = rule_of(self.branches, match=match)
        try:
            self._check(raw)
        except RuleError as error:
            self._blame(error, match)
            return None
        self._warn(raw, match)
        return raw

    def _check(self, raw: Any) -> None:
        rule = parse_rule(raw)
        inlined(rule, resolve=saved_rule, key=self.key, names=self.names)
        check_lists(rule)

    def _blame(self, error: RuleError, match: str) -> None:
        """Show an error at the innermost row that its place is in."""
        rows = [
            one for one in placed(self.branches, match=match) if _is_in(error.field_path, one[0])
        ]
        if not rows:
            self.rule_form.add_error("match", error.message)
            return
        place, row = rows[-1]
        row.blame("group" if row.match else error.field_path[len(place) + 1 :], error.message)

    def _warn(self, raw: Any, match: str) -> None:
        """Give each row what is odd about it."""
        try:
            rule = parse_rule(raw)
            findings = (*find_contradictions(called(rule, self.names)), *unknown_names(rule))
        except RuleError:
            # Stored by an older version; the panel says what is wrong with it.
            return
        rows = dict(placed(self.branches, match=match))
        for row in rows.values():
            row.warnings = tuple(one.message for one in findings if rows.get(one.path) is row)
        if not findings:
            self._warn_of_segments(raw, rows.values())

    def _warn_of_segments(self, raw: Any, rows: Iterable[ConditionForm]) -> None:
        """Say where the segments that rows name leave nobody."""
        naming = [row for row in rows if row.typed()["operator"] in MEMBER]
        if not naming:
            return
        try:
            rule, names = parse_rule(raw), self.names
            reason = why_nobody(rule, resolve=saved_rule, key=self.key, names=names)
        except RuleError:
            # A segment is gone; the errors of the form say so.
            return
        if reason:
            for row in naming:
                row.warnings = (f"Nobody can be in it: {reason}.",)

    def _look_at(self, act: str, after: Arranged, *, now: datetime) -> None:
        """Say which field comes next, and show the spread of a fact that was asked for."""
        if after.focus is None or after.focus >= len(self.rows):
            return
        row: ConditionForm = self.rows[after.focus]
        field = FIELDS_SET.get(act, ("group",) if row.match else ("fact",))[0]
        self.focus = f"id_{row.prefix}-{field}"
        if act != "spread":
            return
        try:
            row.distribution = distribution_of(row.typed(), now=now)
            self.focus = f"{row.prefix}-spread"
        except RuleError as error:
            self.notice = f"Say first what to look at: {error.message}"
        except TookTooLong:
            self.notice = "Reading the profiles took too long."


def _rows(
    suggestions: Suggestions, names: SavedNames, rows: list[Row] | None = None, data: Any = None
) -> Any:
    knows = {"traits": tuple(suggestions.traits), "names": names}
    return ConditionFormSet(data, prefix=PREFIX, initial=rows, form_kwargs=knows)


def _is_in(place: str, row: str) -> bool:
    return place == row or place.startswith(f"{row}.")


def _pretty(raw: Any) -> str:
    return json.dumps(raw, indent=2, ensure_ascii=False) if raw else ""
