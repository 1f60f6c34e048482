"""Keys of partner systems."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from rest_framework_api_key.models import AbstractAPIKey

from consent.purposes import OPTIONAL

SCOPES = {
    "collect": "Send events of the visitor who asks (safe to show in a page)",
    "events": "Send events of any visitor",
    "decisions": "Ask for decisions and recommendations",
    "segments": "Read and write segments, and read who is in them",
    "consent": "Record and read choices",
    "privacy": "Open and follow privacy requests",
    "profiles": "Write and read profiles",
    "catalog": "Write the catalogue",
}


class ApiKey(AbstractAPIKey):
    """A partner's key: what it may do, and for which purposes the partner vouches.

    `vouched_purposes` are recorded as granted for people of whom no choice is known: the partner
    asked them elsewhere. A choice that is known always wins. The `owner` answers for the key, and
    does not approve what was submitted with it.
    """

    scopes = ArrayField(models.CharField(max_length=16), default=list)
    vouched_purposes = ArrayField(
        models.CharField(max_length=32),
        default=list,
        blank=True,
        help_text="Purposes to which this source has obtained consent elsewhere, such as "
        "analytics, personalization. Leave empty where people are asked here.",
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        limit_choices_to={"is_staff": True},
        related_name="+",
        help_text="Who answers for what is done with this key. Where a second person must approve,"
        " it has to be somebody else than this one.",
    )

    class Meta(AbstractAPIKey.Meta):
        verbose_name = "API key"
        verbose_name_plural = "API keys"

    def clean(self) -> None:
        """Refuse scopes and purposes that do not exist."""
        unknown = set(self.scopes) - set(SCOPES)
        if purposes := set(self.vouched_purposes) - set(OPTIONAL):
            raise ValidationError(
                {
                    "vouched_purposes": f"Unknown: {', '.join(sorted(purposes))}."
                    f" Use: {', '.join(OPTIONAL)}."
                }
            )
        if unknown:
            raise ValidationError(
                {"scopes": f"Unknown: {', '.join(sorted(unknown))}. Use: {', '.join(SCOPES)}."}
            )

    @property
    def owner_name(self) -> str:
        """The name of who answers for it; empty where nobody is named."""
        return self.owner.get_username() if self.owner else ""
