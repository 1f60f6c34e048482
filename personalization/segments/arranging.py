"""Rows of the rule form added, removed, copied, moved and put into groups."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from personalization.rules.vocabulary import MAX_CONDITIONS, MAX_DEPTH
from personalization.segments.rows import Row, parents

# The depth of a row that is a group in the innermost group there may be.
DEEPEST_GROUP: Final = MAX_DEPTH - 2
TOO_DEEP: Final = f"Groups go at most {MAX_DEPTH} deep, so this stays where it is."
TOO_MANY: Final = f"A rule has at most {MAX_CONDITIONS} conditions."
# Where something is dropped, and how far behind the place of what it is dropped on.
WHERE: Final[Mapping[str, int]] = {"before": 0, "after": 1, "into": 0}
EMPTY: Final[Row] = {"group": "", "fact": ""}


class NotArrangeable(Exception):
    """What was asked for cannot be done; the message says why, to a marketer."""


@dataclass(frozen=True, slots=True)
class Arranged:
    """The rows afterwards, and the number of the one to go on with; None where none is left."""

    rows: list[Row]
    focus: int | None


@dataclass(eq=False, slots=True)
class Node:
    """A row with those in it; the whole rule is one without a group of its own."""

    row: Row
    parent: "Node | None" = None
    members: list["Node"] = field(default_factory=list)

    @property
    def is_group(self) -> bool:
        """Whether rows can be in it."""
        return self.parent is None or bool(self.row.get("group"))

    @property
    def place(self) -> int:
        """Its number among its siblings."""
        return self._siblings.index(self)

    @property
    def _siblings(self) -> list["Node"]:
        return self.parent.members if self.parent else [self]

    def put(self, node: "Node", at: int | None = None) -> "Node":
        """Put a node among the members, at the end if nothing else is said."""
        node.parent = self
        self.members.insert(len(self.members) if at is None else at, node)
        return node

    def leave(self) -> tuple["Node", int]:
        """Take it out, and return where it was."""
        parent, at = self.parent or self, self.place
        del parent.members[at]
        return parent, at

    def copied(self) -> "Node":
        """Return a copy of it and of all in it."""
        made = Node(dict(self.row))
        for member in self.members:
            made.put(member.copied())
        return made

    def below(self) -> Iterator["Node"]:
        """Yield all in it, in the order of the rule."""
        for member in self.members:
            yield member
            yield from member.below()


def arrange(rows: Sequence[Row], *, act: str, number: int | None) -> Arranged:
    """Return the rows after an act on the row of this number; None stands for the whole rule.

    Raises NotArrangeable.
    """
    root, nodes = _tree(rows)
    if act not in ACTS or (number is not None and not 0 <= number < len(nodes)):
        raise NotArrangeable("This row is not there any more.")
    node = root if number is None else nodes[number]
    if number is None and act not in ON_THE_WHOLE:
        raise NotArrangeable("Choose a condition or a group.")
    focus = ACTS[act](node)
    _check(root)
    arranged = list(root.below())
    return Arranged(list(_rows(root, 0)), arranged.index(focus) if focus in arranged else None)


def move(rows: Sequence[Row], *, number: int | None, to: int | None, where: str) -> Arranged:
    """Return the rows after one was dropped before, after or into another.

    Raises NotArrangeable.
    """
    root, nodes = _tree(rows)
    by_number = dict(enumerate(nodes))
    node, target = (by_number.get(-1 if one is None else one) for one in (number, to))
    if node is None or target is None or where not in WHERE:
        raise NotArrangeable("This row is not there any more.")
    if target is node or target in node.below() or (where == "into" and not target.is_group):
        raise NotArrangeable("It cannot go there.")
    node.leave()
    if where == "into":
        target.put(node)
    else:
        (target.parent or root).put(node, target.place + WHERE[where])
    _check(root)
    arranged = list(root.below())
    return Arranged(list(_rows(root, 0)), arranged.index(node))


def _add(node: Node) -> Node:
    return _group_at(node).put(Node(dict(EMPTY)))


def _add_group(node: Node) -> Node:
    made = _group_at(node).put(Node({"group": "any"}))
    return made.put(Node(dict(EMPTY)))


def _remove(node: Node) -> Node | None:
    parent, at = node.leave()
    if parent.members:
        return parent.members[min(at, len(parent.members) - 1)]
    return parent if parent.parent else parent.put(Node(dict(EMPTY)))


def _duplicate(node: Node) -> Node:
    parent = node.parent or node
    return parent.put(node.copied(), node.place + 1)


def _wrap(node: Node) -> Node:
    parent, at = node.leave()
    parent.put(Node({"group": "any"}), at).put(node)
    return node


def _up(node: Node) -> Node:
    parent, at = node.leave()
    if not at:
        _out(node, parent, 0)
    elif _takes_in(parent.members[at - 1], node):
        parent.members[at - 1].put(node)
    else:
        parent.put(node, at - 1)
    return node


def _down(node: Node) -> Node:
    parent, at = node.leave()
    if at == len(parent.members):
        _out(node, parent, 1)
    elif _takes_in(parent.members[at], node):
        parent.members[at].put(node, 0)
    else:
        parent.put(node, at + 1)
    return node


def _out(node: Node, group: Node, after: int) -> None:
    """Move a node out of its group, to before or after it; at the end of all it stays."""
    if group.parent is None:
        group.put(node, len(group.members) if after else 0)
    else:
        group.parent.put(node, group.place + after)


def _takes_in(neighbour: Node, node: Node) -> bool:
    # Groups change places; only a condition goes into the group it meets.
    return neighbour.is_group and not node.is_group


def _group_at(node: Node) -> Node:
    return node if node.is_group or node.parent is None else node.parent


ACTS: Final[Mapping[str, Callable[[Node], Node | None]]] = {
    "add": _add,
    "group": _add_group,
    "remove": _remove,
    "duplicate": _duplicate,
    "wrap": _wrap,
    "up": _up,
    "down": _down,
}
ON_THE_WHOLE: Final = frozenset({"add", "group"})


def _tree(rows: Sequence[Row]) -> tuple[Node, list[Node]]:
    root = Node({})
    nodes = [Node(dict(row)) for row in rows]
    for node, parent in zip(nodes, parents(rows), strict=True):
        (root if parent is None else nodes[parent]).put(node)
    return root, nodes


def _rows(group: Node, depth: int) -> Iterator[Row]:
    for member in group.members:
        yield {**member.row, "depth": str(depth)}
        yield from _rows(member, depth + 1)


def _check(root: Node) -> None:
    rows = list(_rows(root, 0))
    if any(row.get("group") and int(row["depth"]) > DEEPEST_GROUP for row in rows):
        raise NotArrangeable(TOO_DEEP)
    if sum(not row.get("group") for row in rows) > MAX_CONDITIONS:
        raise NotArrangeable(TOO_MANY)
