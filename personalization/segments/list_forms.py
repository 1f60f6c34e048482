"""The form of a list: pasted, uploaded or frozen."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import islice
from typing import Any, Final

from django import forms
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from consent.subjects import Identifier
from personalization.rules.parsing import RuleError
from personalization.rules.querying import visit_conditions
from personalization.segments.kind_form import KindForm
from personalization.segments.list_reading import ListTooLong, Refused, read_members
from personalization.segments.listing import freeze_list, keep_list, list_rule
from personalization.segments.models import Kind, MemberList, Segment, saved_rule

ID_KINDS: Final = (
    ("user", "User ids"),
    ("email", "E-mail addresses"),
    ("crm", "CRM ids"),
    ("phone", "Phone numbers"),
)
NONE_YET: Final = "none-yet"


class ListForm(KindForm):
    """Who is on a list: pasted, uploaded, or whoever is in another segment at this moment."""

    kind = Kind.STATIC
    extra = ("id_kind", "pasted", "upload", "frozen_from")
    id_kind = forms.ChoiceField(
        label="The list has",
        choices=ID_KINDS,
        widget=UnfoldAdminSelectWidget(),
    )
    pasted = forms.CharField(
        label="Paste it here",
        required=False,
        widget=UnfoldAdminTextareaWidget({"rows": 6, "spellcheck": "false"}),
        help_text="One on each line, or separated by commas. Blanks around them do not matter.",
    )
    upload = forms.FileField(
        label="Or upload a file",
        required=False,
        widget=UnfoldAdminFileFieldWidget(),
        help_text="Text or CSV in UTF-8, up to a million. If the first line names columns, the"
        " column of user ids, e-mail addresses … is read and the others are not.",
    )
    frozen_from = forms.ModelChoiceField(
        label="Or freeze a segment",
        queryset=Segment.objects.all(),
        required=False,
        empty_label="-",
        widget=UnfoldAdminSelectWidget(),
        help_text="Whoever is in it now, as it is saved, stays on the list whatever happens later.",
    )

    def raw_rule(self) -> Mapping[str, Any] | None:
        """Return the rule of the list there is; a new list brings one of its own."""
        self._check_sources()
        is_new = self.instance.pk is None
        return list_rule(NONE_YET) if is_new else self.instance.rule

    def keep(self, *, by: str, now: datetime) -> tuple[MemberList | None, list[str]]:
        """Keep the list that was given, once the segment is saved; and what to tell about it."""
        source: Segment | None = self.cleaned_data["frozen_from"]
        if source is not None:
            made = freeze_list(
                segment=self.instance,
                rule=source.parsed_rule,
                note=f"Frozen from “{source}”",
                by=by,
                now=now,
            )
            return made, [f"{made.members:,} members frozen from “{source}”."]
        if not self._is_given():
            return None, []
        done = keep_list(
            segment=self.instance,
            lines=self._lines(),
            kind=self.cleaned_data["id_kind"],
            note=self._note(),
            by=by,
            now=now,
        )
        return done.member_list, [*_told(done.member_list, done.refused, done.erased)]

    def _check_sources(self) -> None:
        given = [name for name in self.extra[1:] if self.cleaned_data.get(name)]
        if len(given) > 1:
            self.add_error(given[1], "Give one of the three: paste, upload or freeze.")
        elif not given and self.instance.pk is None:
            self.add_error("pasted", "Paste identifiers, upload a file or freeze a segment.")
        elif "frozen_from" in given:
            self._check_frozen(self.cleaned_data["frozen_from"])
        elif given:
            self._check_lines(given[0])

    def _check_frozen(self, source: Segment) -> None:
        try:
            visits = visit_conditions(source.parsed_rule, resolve=saved_rule)
        except RuleError as error:
            self.add_error("frozen_from", f"It cannot be read: {error}")
            return
        if visits:
            said = f"Who is in it depends on the visit: {'; '.join(visits)}."
            self.add_error("frozen_from", said)

    def _check_lines(self, name: str) -> None:
        found = read_members(self._lines(), kind=self.cleaned_data["id_kind"])
        try:
            members = sum(isinstance(one, Identifier) for one in found)
        except ListTooLong as error:
            self.add_error(name, str(error))
            return
        if not members:
            self.add_error(name, f"There are none in it. {self._first_refusals()}")

    def _first_refusals(self) -> str:
        found = read_members(self._lines(), kind=self.cleaned_data["id_kind"])
        refused = (one for one in found if isinstance(one, Refused))
        return " ".join(f"Line {one.line}: {one.reason}" for one in islice(refused, 3))

    def _is_given(self) -> bool:
        return bool(self.cleaned_data["pasted"] or self.cleaned_data["upload"])

    def _lines(self) -> Iterable[bytes]:
        uploaded = self.cleaned_data["upload"]
        if uploaded is None:
            pasted: str = self.cleaned_data["pasted"]
            return pasted.encode().splitlines()
        uploaded.seek(0)
        return uploaded  # type: ignore[no-any-return]

    def _note(self) -> str:
        uploaded = self.cleaned_data["upload"]
        return f"Uploaded {uploaded.name}" if uploaded else "Pasted"


def _told(made: MemberList, refused: list[Refused], erased: int) -> Iterable[str]:
    yield f"{made.members:,} members are on the list."
    if erased:
        yield f"{erased:,} were left out: they asked to be erased."
    if made.refused:
        lines = " ".join(f"Line {one.line}: {one.reason}" for one in refused[:5])
        yield f"{made.refused:,} refused. {lines}"
