"""What became one with this visitor, what did not, and why."""

from personalization.profiles.admin.cards import Card
from personalization.profiles.explaining import explain
from personalization.profiles.models import Profile


def merges_card(profile: Profile) -> Card:
    """Return each merge in a sentence, and each identifier that was not joined."""
    return Card.of(
        "merges",
        "Who became one",
        merges=[(merge.pk, explain(merge)) for merge in profile.merges.all()],
        unjoined=profile.unjoined.order_by("-pk"),
    )
