"""What stands beside the rule form: whom its finished rows match, and which are not finished."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from personalization.rules.parsing import parse_rule
from personalization.segments.forms import PREFIX, RuleBuilder
from personalization.segments.previewing import preview_rule


def panel_of(
    builder: RuleBuilder, raw: Mapping[str, Any] | None, *, now: datetime, is_hasty: bool
) -> dict[str, Any]:
    """Return what the panel shows of a builder whose finished rows state `raw`."""
    found = None
    if raw:
        rule, names = parse_rule(raw), builder.names
        found = preview_rule(rule=rule, now=now, is_hasty=is_hasty, names=names)
    return {
        "preview": found,
        "unfinished": builder.unfinished(),
        "panel_errors": [*builder.errors()],
    }


def panel_as_shown(builder: RuleBuilder, *, now: datetime) -> dict[str, Any]:
    """Return what the panel shows when the page opens; nothing while nothing is filled in."""
    if not any(row.is_filled for row in builder.rows) and not builder.rule_form["json"].value():
        return {}
    sent = (
        builder
        if builder.rows.is_bound
        else RuleBuilder.sent(_as_sent(builder), builder.suggestions)
    )
    return panel_of(sent, sent.finished_rule(), now=now, is_hasty=True)


def _as_sent(builder: RuleBuilder) -> dict[str, str]:
    """Return what a browser would send of rows that are only shown."""
    rows = [(str(row.prefix), row.typed()) for row in builder.rows]
    rule = builder.rule_form
    stated = {rule.add_prefix(name): str(rule[name].value() or "") for name in rule.fields}
    return {
        **stated,
        f"{PREFIX}-TOTAL_FORMS": str(len(rows)),
        f"{PREFIX}-INITIAL_FORMS": "0",
        **{f"{prefix}-{name}": text for prefix, row in rows for name, text in row.items()},
    }
