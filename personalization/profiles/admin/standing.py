"""Where a visitor stands: lifecycle, scores and counters, as the facts have them."""

from datetime import datetime
from typing import Final

from personalization.profiles.admin.cards import Card, labelled
from personalization.profiles.facts import count_within
from personalization.profiles.lifecycle import stage_of
from personalization.profiles.models import Profile

WINDOW_DAYS: Final = 30
RFM: Final = {
    "rfm_recency": "Recency",
    "rfm_frequency": "Frequency",
    "rfm_monetary": "Money",
}
STAGES: Final = {
    "new": "New",
    "active": "Active",
    "at_risk": "At risk",
    "lapsed": "Lapsed",
}


def standing_card(profile: Profile, *, now: datetime) -> Card:
    """Return lifecycle stage, scores and what was counted."""
    facts = profile.facts
    scores = facts.get("scores", {})
    stage = stage_of(facts, now)
    return Card.of(
        "standing",
        "Where they stand",
        stage=labelled(stage, STAGES) if stage else "",
        stage_key=stage,
        persona=facts.get("persona", ""),
        rfm=[(words, scores[name]) for name, words in RFM.items() if name in scores],
        scores=[
            (name.replace("_", " "), value)
            for name, value in sorted(scores.items())
            if name not in RFM
        ],
        counters=[
            (
                kind.replace("_", " "),
                count_within(days, window=WINDOW_DAYS, now=now),
                sum(days.values()),
            )
            for kind, days in sorted(facts.get("counts", {}).items())
        ],
    )
