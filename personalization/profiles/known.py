"""What is known of the identifiers in a batch of events, before and while they are settled."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from personalization.identifiers.kinds import Kinds
from personalization.profiles.merging import Merge, Named
from personalization.profiles.models import KeptApart, Profile, ProfileIdentifier


class LeftOut(NamedTuple):
    """An identifier that was not joined to the profile that the better one leads to, and why."""

    named: Named
    best: Named
    reason: str


Held = dict[str, set[str]]  # {kind: pseudonyms}


@dataclass(slots=True)
class Known:
    """Which identifier leads to which profile, what each profile is known by, and what is new."""

    kinds: Kinds
    rows: dict[str, ProfileIdentifier]
    apart: frozenset[frozenset[str]]
    profile_of: dict[str, int] = field(default_factory=dict)
    held: dict[int, Held] = field(default_factory=dict)
    made: list[Profile] = field(default_factory=list)
    # Each with the row it was named beside, where that is another.
    added: list[tuple[ProfileIdentifier, ProfileIdentifier | None]] = field(default_factory=list)
    _root: dict[str, ProfileIdentifier] = field(default_factory=dict)
    merges: list[Merge] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Take in what the database has."""
        for row in self.rows.values():
            self._note(Named(row.kind, row.pseudonym), row.profile_id)

    def attach(self, named: Named, profile_id: int, *, beside: Named) -> None:
        """Let this identifier lead to this profile, if it led nowhere.

        beside: the one it was named together with, which leads there already, or itself.
        """
        if named.pseudonym in self.profile_of:
            return
        row = ProfileIdentifier(profile_id=profile_id, kind=named.kind, pseudonym=named.pseudonym)
        self.rows[named.pseudonym] = row
        other = self.rows[beside.pseudonym]
        root = None if other is row else self._root.get(beside.pseudonym, other)
        self._root[named.pseudonym] = root or row
        self.added.append((row, root))
        self._note(named, profile_id)

    def merge(self, merge: Merge) -> None:
        """Let everything that led to the absorbed profile lead to the kept one."""
        self.merges.append(merge)
        for kind, pseudonyms in self.held.pop(merge.absorbed_id).items():
            for pseudonym in pseudonyms:
                self._note(Named(kind, pseudonym), merge.kept_id)

    def obstacle(self, named: Named, *, beside: Sequence[Named], target: int | None) -> str:
        """Say why this identifier cannot join the target and those beside it; empty: it can."""
        if any(frozenset((one.pseudonym, named.pseudonym)) in self.apart for one in beside):
            return "Their merge was undone: they are kept apart."
        found = self.profile_of.get(named.pseudonym)
        sides = [self.held.get(one, {}) for one in (target, found) if one is not None]
        return obstacle_between([*sides, _as_held([*beside, named])], kinds=self.kinds)

    def _note(self, named: Named, profile_id: int) -> None:
        self.profile_of[named.pseudonym] = profile_id
        self.held.setdefault(profile_id, {}).setdefault(named.kind, set()).add(named.pseudonym)


def known_of(named: Sequence[Collection[Named]], kinds: Kinds) -> Known:
    """Return what the database knows of these identifiers, and of all else their profiles have."""
    pseudonyms = {one.pseudonym for some in named for one in some}
    leading = ProfileIdentifier.objects.filter(pseudonym__in=pseudonyms).values("profile_id")
    rows = {row.pseudonym: row for row in ProfileIdentifier.objects.filter(profile_id__in=leading)}
    # Only where two profiles meet can there be a pair to keep apart.
    meeting = any(
        len({rows[one.pseudonym].profile_id for one in some if one.pseudonym in rows}) > 1
        for some in named
    )
    return Known(kinds, rows, _kept_apart(pseudonyms) if meeting else frozenset())


def obstacle_between(sides: Sequence[Held], *, kinds: Kinds) -> str:
    """Say which limit keeps these from being one person's; empty: none does.

    A limit that one side alone exceeds, since it was lowered, is no obstacle.
    """
    together = _together(sides)
    crowded = [
        kind
        for kind, some in together.items()
        if len(some) > max(kinds.limit(kind), *(len(side.get(kind, ())) for side in sides))
    ]
    if not crowded:
        return ""
    kind = min(crowded, key=kinds.rank)
    return (
        f"Together they would have {len(together[kind])} of the kind {kind};"
        f" one person may have {kinds.limit(kind)}."
    )


def _kept_apart(pseudonyms: Collection[str]) -> frozenset[frozenset[str]]:
    pairs = KeptApart.objects.filter(pseudonym__in=pseudonyms, other__in=pseudonyms)
    return frozenset(frozenset(pair) for pair in pairs.values_list("pseudonym", "other"))


def _as_held(named: Iterable[Named]) -> Held:
    held: Held = {}
    for one in named:
        held.setdefault(one.kind, set()).add(one.pseudonym)
    return held


def _together(sides: Iterable[Mapping[str, set[str]]]) -> Held:
    together: Held = {}
    for side in sides:
        for kind, pseudonyms in side.items():
            together.setdefault(kind, set()).update(pseudonyms)
    return together
