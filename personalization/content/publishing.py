"""Make an activity live with everything it stands on, or take it offline."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from personalization.content.models import Activity, Placement
from personalization.content.rulesets import CompiledSegment, compile_activity
from personalization.rules.compiling import compile_rule
from personalization.rules.parsing import RuleError
from personalization.segments.models import Publication, Segment, saved_rule
from personalization.segments.publishing import Changes, NotPublishable, publish_changes


def publish_activity(*, activity: Activity, by: str, now: datetime) -> Publication:
    """Make the activity, its segment and its placement live as last saved, in one version.

    Raises NotPublishable with every reason there is; nothing is published then.
    """
    changes, note = activity_changes(activity=activity, now=now)
    return publish_changes(changes=changes, by=by, note=note, now=now)


def activity_changes(*, activity: Activity, now: datetime) -> tuple[Changes, str]:
    """Return what publishing the activity changes, and what that is called.

    Raises NotPublishable with every reason there is.
    """
    messages = [*_objections(activity, now)]
    if messages:
        raise NotPublishable(*messages)
    compile_activity(activity.key, activity.definition(), segments=_segments(activity.segment))
    return _changes(activity), f"Activity “{activity.name}”"


def saved_activity(key: str) -> dict[str, Any] | None:
    """Return what would be published of an activity; None where there is none."""
    activity = Activity.objects.filter(key=key).first()
    return activity.definition() if activity else None


def saved_placement(key: str) -> dict[str, Any] | None:
    """Return what would be published of a placement; None where there is none."""
    placement = Placement.objects.filter(key=key).first()
    return placement.definition() if placement else None


def unpublish_activity(*, activity: Activity, by: str, now: datetime) -> Publication:
    """Take the activity offline; its segment stays."""
    note = f"Activity “{activity.name}” taken offline"
    return publish_changes(changes={("activities", activity.key): None}, by=by, note=note, now=now)


def publish_placement(*, placement: Placement, by: str, now: datetime) -> Publication:
    """Make one placement known to the pages that may ask for it."""
    changes: Changes = {("placements", placement.key): placement.definition()}
    return publish_changes(changes=changes, by=by, note=f"Placement “{placement.name}”", now=now)


def unpublish_placement(*, placement: Placement, by: str, now: datetime) -> Publication:
    """Forget a placement in the pages; nothing is shown there any more."""
    changes: Changes = {("placements", placement.key): None}
    note = f"Placement “{placement.name}” removed"
    return publish_changes(changes=changes, by=by, note=note, now=now)


def publish_placements(*, by: str, now: datetime) -> Publication:
    """Make every placement known to the pages that may ask for it."""
    changes: Changes = {
        ("placements", one.key): one.definition() for one in Placement.objects.all()
    }
    return publish_changes(changes=changes, by=by, note="Placements", now=now)


def _changes(activity: Activity) -> Changes:
    changes: Changes = {
        ("placements", activity.placement.key): activity.placement.definition(),
        ("activities", activity.key): activity.definition(),
    }
    if activity.segment is None:
        return changes
    return {**changes, ("segments", activity.segment.key): activity.segment.definition()}


def _objections(activity: Activity, now: datetime) -> Iterator[str]:
    variations = list(activity.variations.all())
    if not variations:
        yield "Add a variation: there is nothing to show yet."
    elif not any(one.weight for one in variations):
        yield "All variations are paused. Give at least one a weight above 0."
    if activity.ends_at is not None and activity.ends_at <= now:
        yield "The end lies in the past. Move it, or leave it empty."
    for one in variations:
        if one.definition()["content"].get("html") == "":
            yield f"Nothing of the HTML of “{one.name}” is safe to show. Write it again."
    try:
        _segments(activity.segment)
    except RuleError as error:
        yield f"The segment “{activity.segment}” cannot be read: {error}"


def _segments(segment: Segment | None) -> dict[str, CompiledSegment]:
    if segment is None:
        return {}
    rule = compile_rule(segment.parsed_rule, resolve=saved_rule)
    return {segment.key: CompiledSegment(segment.key, segment.name, rule)}
