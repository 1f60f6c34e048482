"""Who did what to a segment when, in sentences."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from personalization.segments.calling import SavedNames
from personalization.segments.differing import Line, compare_sentences, describe_segment
from personalization.segments.documents import place_of
from personalization.segments.models import HistoryEntry, Proposal, Segment

MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Deed:
    """One entry; `line` has the rule before and after, where it changed."""

    entry: HistoryEntry
    line: Line | None


def record(
    *, key: str, said: str, by: str, now: datetime, before: str = "", after: str = ""
) -> None:
    """Keep that this was done to the segment with this key."""
    HistoryEntry.objects.create(key=key, at=now, by=by[:150], said=said, before=before, after=after)


def record_proposal(proposal: Proposal, said: str, *, by: str, now: datetime) -> None:
    """Keep what was done to a proposal with each segment that it changes."""
    for section, key in map(place_of, proposal.changes):
        if section == "segments":
            record(key=key, said=f"{said} ({proposal.note})", by=by, now=now)


def record_saving(
    *, segment: Segment, before: Segment | None, by: str, now: datetime, how: str = "Saved"
) -> None:
    """Keep that the segment was saved; nothing where neither name, use nor rule changed."""
    names = SavedNames()
    if before is None:
        record(key=segment.key, said="Made.", by=by, now=now, after=_sentence(segment, names))
        return
    if before.rule == segment.rule:
        renamed = " ".join(_renamed(before, segment))
        if renamed:
            record(key=segment.key, said=renamed, by=by, now=now)
        return
    said = " ".join([f"{how}; the rule changed.", *_renamed(before, segment)])
    old, new = _sentence(before, names), _sentence(segment, names)
    record(key=segment.key, said=said, by=by, now=now, before=old, after=new)


def history_of(key: str) -> list[Deed]:
    """Return the latest two hundred deeds, newest first; one query."""
    entries = HistoryEntry.objects.filter(key=key)[:MOST]
    return [Deed(entry, _line(entry)) for entry in entries]


def _renamed(before: Segment, after: Segment) -> list[str]:
    said = []
    if before.name != after.name:
        said.append(f"Renamed from “{before.name}” to “{after.name}”.")
    if before.description != after.description:
        said.append("Its description changed.")
    return said


def _sentence(segment: Segment, names: Mapping[str, str]) -> str:
    return describe_segment(segment.definition(), {}, names)[-1]


def _line(entry: HistoryEntry) -> Line | None:
    if not entry.after:
        return None
    return compare_sentences(entry.before or entry.after, entry.after)
