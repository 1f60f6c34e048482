"""What kinds of identifiers there are, and how much each may decide."""

from typing import Final

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models

from personalization.identifiers.patterns import validate_patterns

# Stated in fields of their own, and needed by the shop's pages: these two stay.
FIXED: Final = ("user", "anonymous")


class IdentifierKind(models.Model):
    """A kind of name under which a visitor is known, such as an account or a browser."""

    key = models.SlugField(
        max_length=16,
        unique=True,
        validators=[RegexValidator(r"^[a-z][a-z0-9_]*$", "Use small letters, digits and _.")],
        help_text="What senders write: small letters, digits and underscores. It never changes.",
    )
    name = models.CharField(max_length=64, help_text="What people here read.")
    priority = models.PositiveSmallIntegerField(
        unique=True,
        help_text="1 names a person best. Where identifiers disagree about who it is, the one with"
        " the smaller number is believed.",
    )
    limit = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1)],
        help_text="How many of them one person may have. One more is neither added nor makes two"
        " profiles one.",
    )
    blocked = models.TextField(
        "blocked values",
        blank=True,
        validators=[validate_patterns],
        help_text="Values that name nobody, one regular expression a line, capitals or not:"
        " what programs send when they know no name. Taken for names they would fuse strangers.",
    )

    class Meta:
        verbose_name = "identifier kind"
        ordering = ["priority"]
        constraints = [
            models.CheckConstraint(condition=models.Q(limit__gte=1), name="kind_has_room_for_one"),
            # Two accounts are two people, whatever else they share.
            models.CheckConstraint(
                condition=~models.Q(key="user") | models.Q(limit=1), name="kind_user_is_one"
            ),
        ]

    def __str__(self) -> str:
        return self.name
