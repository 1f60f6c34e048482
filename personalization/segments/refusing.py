"""What is not published, and why."""

from collections.abc import Collection, Iterator, Set
from typing import Any

from personalization.rules.calling import names_among
from personalization.rules.parsing import RuleError, parse_rule
from personalization.rules.references import among, inlined
from personalization.segments.documents import Changes, Document, place_of
from personalization.segments.golden import broken_expectations
from personalization.segments.models import MemberList
from personalization.segments.ruling_out import why_nobody


class NotPublishable(Exception):
    """Nothing was published; `messages` say why, each for a person to act on."""

    def __init__(self, *messages: str) -> None:
        super().__init__(" ".join(messages))
        self.messages = messages


class NeedsApproval(NotPublishable):
    """Nothing was published: a second person must see these changes first."""

    def __init__(self, changes: Changes, *, note: str, insists: bool = False) -> None:
        super().__init__("A second person must approve it. Submit it for approval.")
        self.changes = changes
        self.note = note
        self.insists = insists


class NobodyIsIn(NotPublishable):
    """Nothing was published: nobody could be in a segment, and nobody said that this is meant."""


def check_document(document: Document, *, changes: Collection[str], insists: bool = False) -> None:
    """Refuse a document with segments that cannot be read or are missing to an activity.

    `changes`, as "segments/high-value", are what golden visitors are held against. Raises
    NobodyIsIn where nobody can be in one of them, unless who publishes `insists`.
    """
    changed = _changed_segments(changes)
    messages = [*_unreadable_segments(document), *_missing_segments(document)]
    # Lists and golden visitors are asked about what can be read.
    messages = messages or _unready_lists(document, changed)
    messages = messages or broken_expectations(segments=document["segments"], changed=changed)
    if messages:
        raise NotPublishable(*messages)
    empty = [] if insists else [*_empty_segments(document, changed)]
    if empty:
        raise NobodyIsIn(*empty)


def lists_in(raw: Any) -> set[str]:
    """Return the lists that a rule names; raises RuleError."""
    conditions = parse_rule(raw).conditions()
    return {one.fact.name for one in conditions if one.fact.kind == "list"}


def _changed_segments(changes: Collection[str]) -> set[str]:
    return {key for section, key in map(place_of, changes) if section == "segments"}


def _unreadable_segments(document: Document) -> list[str]:
    messages = []
    resolve, names = among(document["segments"]), names_among(document["segments"])
    for key, definition in document["segments"].items():
        try:
            inlined(parse_rule(definition["rule"]), resolve=resolve, key=key, names=names)
        except RuleError as error:
            messages.append(f"The segment “{definition['name']}” cannot be read: {error}")
    return messages


def _empty_segments(document: Document, changed: Set[str]) -> Iterator[str]:
    resolve, names = among(document["segments"]), names_among(document["segments"])
    for key in sorted(document["segments"].keys() & changed):
        definition = document["segments"][key]
        rule = parse_rule(definition["rule"])
        reason = why_nobody(rule, resolve=resolve, key=key, names=names)
        if reason:
            yield f"Nobody can be in “{definition['name']}”: {reason}."


def _missing_segments(document: Document) -> list[str]:
    return [
        f"The live activity “{activity['name']}” is for a segment that is not live."
        f" Take the activity offline first."
        for activity in document["activities"].values()
        if activity.get("segment") and activity["segment"] not in document["segments"]
    ]


def _unready_lists(document: Document, changed: Set[str]) -> list[str]:
    named = {
        name: document["segments"][key]["name"]
        for key in document["segments"].keys() & changed
        for name in lists_in(document["segments"][key]["rule"])
    }
    ready = MemberList.objects.filter(key__in=named, is_ready=True) if named else ()
    missing = named.keys() - {one.key for one in ready}
    return [
        f"The list of “{named[key]}” ({key}) is not there: it is still being matched with the"
        f" profiles, or was replaced too long ago. Wait a moment, or upload it again."
        for key in sorted(missing)
    ]
