"""The rules of combinations and score bands, and what such a rule states."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

# A combination's fields, and the group each stands for.
FIELDS: Final[Mapping[str, str]] = {"in_all": "all", "in_any": "any", "in_none": "none"}


def combined_rule(keys: Mapping[str, Sequence[str]]) -> dict[str, Any] | None:
    """Return a condition for each of the first field, and a group for each of the others.

    `keys` has segments by FIELDS. None where there are none at all.
    """
    chosen = {name: [_in(key) for key in keys[name]] for name in FIELDS}
    groups = [{match: chosen[name]} for name, match in FIELDS.items() if chosen[name]]
    if len(groups) < 2:  # noqa: PLR2004 - one group needs none around it
        return groups[0] if groups else None
    return {"all": [*chosen["in_all"], *(one for one in groups if "all" not in one)]}


def combined(raw: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return which segments each field of a combination names."""
    by_match = {match: name for name, match in FIELDS.items()}
    found: dict[str, list[str]] = {name: [] for name in FIELDS}
    for match, members in raw.items():
        for one in members:
            if "fact" in one:
                found[by_match[match]].append(one["value"])
            else:
                for name, keys in combined(one).items():
                    found[name] += keys
    return found


def band_rule(*, score: str, low: float, high: float) -> dict[str, Any]:
    """Return one condition."""
    condition = {"fact": "score", "name": score, "operator": "between", "value": [low, high]}
    return {"all": [condition]}


def band(raw: Any) -> dict[str, Any]:
    """Return the fields of a score band."""
    [condition] = raw.get("all") or [{}]
    low, high = condition.get("value") or (None, None)
    return {"score": condition.get("name", ""), "low": low, "high": high}


def _in(key: str) -> dict[str, str]:
    return {"fact": "segment", "operator": "in_segment", "value": key}
