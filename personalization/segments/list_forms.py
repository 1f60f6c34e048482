"""The form of a list: pasted, uploaded or frozen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final

from django import forms
from django.conf import settings
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from consent.subjects import Identifier
from personalization.rules.parsing import RuleError
from personalization.rules.querying import visit_conditions
from personalization.segments.kind_form import KindForm
from personalization.segments.list_filling import Filling
from personalization.segments.list_lines import Refused, Unfit
from personalization.segments.list_reading import read_members
from personalization.segments.listing import freeze_list, keep_list, list_rule
from personalization.segments.models import Kind, ListUpload, MemberList, Segment, saved_rule
from personalization.segments.picking import SegmentsField
from personalization.segments.upload_keeping import LARGEST, PART_BYTES, keep_upload

ID_KINDS: Final = (
    ("user", "User ids"),
    ("email", "E-mail addresses"),
    ("crm", "CRM ids"),
    ("phone", "Phone numbers"),
)
NONE_YET: Final = "none-yet"
BEING_READ: Final = "The list is being read in the background. Below you see how far it is."
# A longer list is read by a worker, so that nobody waits for it.
READ_AT_ONCE: Final = 200_000  # bytes
# Of a longer list so many lines are looked at before it is taken.
LOOKED_AT: Final = 1_000
# Of the lines refused, where nothing else is there.
TOLD_REFUSALS: Final = 3
# The rest of a form, and what surrounds each field, have to fit beside it.
ROOM_IN_FORM: Final = 100_000


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of what was given: a list, or an upload that a worker has to read."""

    told: tuple[str, ...]
    member_list: MemberList | None = None
    upload: ListUpload | None = None


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
        widget=UnfoldAdminTextareaWidget(
            {
                "rows": 6,
                "spellcheck": "false",
                "data-most-bytes": settings.DATA_UPLOAD_MAX_MEMORY_SIZE - ROOM_IN_FORM,
                "data-file-field": "id_upload",
            }
        ),
        help_text="One on each line, or separated by commas. Blanks around them do not matter."
        " Up to 2.4 MB; what is longer goes into a file.",
    )
    upload = forms.FileField(
        label="Or upload a file",
        required=False,
        widget=UnfoldAdminFileFieldWidget(),
        help_text="Text or CSV in UTF-8, up to a million; a long one is read in the background. If"
        " the first line names columns, the column of user ids, e-mail addresses … is read and the"
        " others are not.",
    )
    frozen_from = SegmentsField(
        label="Or freeze a segment",
        most=1,
        required=False,
        help_text="Whoever is in it now, as it is saved, stays on the list whatever happens later.",
    )

    def raw_rule(self) -> Mapping[str, Any] | None:
        """Return the rule of the list there is; a new list brings one of its own."""
        self._check_sources()
        is_new = self.instance.pk is None
        return list_rule(NONE_YET) if is_new else self.instance.rule

    def keep(self, *, publishes: bool, by: str, now: datetime) -> Kept:
        """Keep the list that was given, once the segment is saved.

        With `publishes` a list that a worker has to read goes live as soon as it is whole.
        """
        for source in self.cleaned_data["frozen_from"]:
            return self._freeze(source, by=by, now=now)
        if not self._is_given():
            return Kept(())
        if self._is_long():
            return self._keep_for_later(publishes=publishes, by=by, now=now)
        done = keep_list(
            segment=self.instance,
            lines=self._lines(),
            kind=self.cleaned_data["id_kind"],
            note=self._note(),
            by=by,
            now=now,
        )
        return Kept(tuple(_told(done)), member_list=done.member_list)

    def _freeze(self, source: Segment, *, by: str, now: datetime) -> Kept:
        made = freeze_list(
            segment=self.instance,
            rule=source.parsed_rule,
            note=f"Frozen from “{source}”",
            by=by,
            now=now,
        )
        said = f"{made.members:,} members frozen from “{source}”."
        return Kept((said,), member_list=made)

    def _keep_for_later(self, *, publishes: bool, by: str, now: datetime) -> Kept:
        uploaded = self.cleaned_data["upload"]
        chunks = uploaded.chunks(PART_BYTES) if uploaded else [self.cleaned_data["pasted"].encode()]
        upload = keep_upload(
            segment=self.instance,
            chunks=chunks,
            id_kind=self.cleaned_data["id_kind"],
            note=self._note(),
            publishes=publishes,
            by=by,
            now=now,
        )
        return Kept((BEING_READ,), upload=upload)

    def _check_sources(self) -> None:
        given = [name for name in self.extra[1:] if self.cleaned_data.get(name)]
        if len(given) > 1:
            self.add_error(given[1], "Give one of the three: paste, upload or freeze.")
        elif not given and self.instance.pk is None:
            self.add_error("pasted", "Paste identifiers, upload a file or freeze a segment.")
        elif "frozen_from" in given:
            self._check_frozen(self.cleaned_data["frozen_from"][0])
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
        if self._size() > LARGEST:
            self.add_error(name, f"A file may have up to {LARGEST >> 20} MB.")
            return
        lines = islice(self._lines(), LOOKED_AT if self._is_long() else None)
        found = read_members(lines, kind=self.cleaned_data["id_kind"])
        members = 0
        said = ["There are none in it."]
        try:
            for one in found:
                members += isinstance(one, Identifier)
                if isinstance(one, Refused) and len(said) <= TOLD_REFUSALS:
                    said.append(f"Line {one.line}: {one.reason}")
        except Unfit as error:
            self.add_error(name, str(error))
            return
        if not members:
            self.add_error(name, " ".join(said))

    def _is_given(self) -> bool:
        return bool(self.cleaned_data["pasted"] or self.cleaned_data["upload"])

    def _is_long(self) -> bool:
        return self._size() > READ_AT_ONCE

    def _size(self) -> int:
        uploaded = self.cleaned_data["upload"]
        return uploaded.size if uploaded else len(self.cleaned_data["pasted"].encode())

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


def _told(done: Filling) -> Iterable[str]:
    yield f"{done.members:,} members are on the list."
    if done.refused:
        lines = " ".join(f"Line {one.line}: {one.reason}" for one in done.refusals[:5])
        yield f"{done.refused:,} refused. {lines}"
