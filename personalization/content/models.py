"""Placements, activities and variations as marketers edit them."""

from collections.abc import Mapping
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from personalization.content.asking import check_answers, check_askable
from personalization.content.sanitising import check_link, check_no_template_code, sanitise
from personalization.segments.models import Segment, free_key


class Kind(models.TextChoices):
    """What a variation consists of."""

    BANNER = "banner", "Banner"
    HTML = "html", "HTML"
    RECOMMENDATIONS = "recommendations", "Recommended items"
    QUESTION = "question", "One question"


class Tone(models.TextChoices):
    """The colours of a banner."""

    CALM = "calm", "Calm (green)"
    WARM = "warm", "Warm (amber)"
    FRESH = "fresh", "Fresh (blue)"
    BOLD = "bold", "Bold (dark)"


class Strategy(models.TextChoices):
    """How a list of items is made."""

    RECOMMENDED = "recommended", "Recommended for this visitor"
    SIMILAR = "similar", "Similar to the item being viewed"
    POPULAR = "popular", "Popular with everyone"
    RECENTLY_VIEWED = "recently_viewed", "Recently viewed by this visitor"


# Which fields a kind has, and which of them cannot stay empty.
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    Kind.BANNER: ("headline", "text", "link", "button_label", "tone"),
    Kind.HTML: ("html",),
    Kind.RECOMMENDATIONS: ("title", "strategy", "limit"),
    Kind.QUESTION: ("headline", "text", "button_label", "tone", "trait", "answers"),
}
REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    Kind.BANNER: ("headline",),
    Kind.HTML: ("html",),
    Kind.RECOMMENDATIONS: ("title", "strategy", "limit"),
    Kind.QUESTION: ("headline", "trait"),
}


class Placement(models.Model):
    """Where content goes on a page; the shop's templates name it by its key."""

    key = models.SlugField(
        max_length=64,
        unique=True,
        help_text="The name that the page's template uses, such as home_hero. Developers set it.",
    )
    name = models.CharField(max_length=80, help_text="Where on the page this is.")
    fallback_note = models.CharField(
        "otherwise shown",
        max_length=200,
        blank=True,
        help_text="What visitors see here when no activity is for them.",
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def definition(self) -> dict[str, Any]:
        """Return what is published of a placement."""
        return {"name": self.name}


class Activity(models.Model):
    """What to show to whom, where and when, as last saved."""

    key = models.SlugField(max_length=64, unique=True, editable=False)
    name = models.CharField(max_length=80, unique=True, help_text="Visitors never see this name.")
    segment = models.ForeignKey(
        Segment,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="activities",
        help_text="Who sees it. Leave empty to show it to everyone.",
    )
    placement = models.ForeignKey(
        Placement,
        on_delete=models.PROTECT,
        related_name="activities",
        help_text="Where on the page it appears.",
    )
    priority = models.SmallIntegerField(
        default=0,
        help_text="If a visitor is in several segments, the highest number wins.",
    )
    starts_at = models.DateTimeField(
        "starts", null=True, blank=True, help_text="Leave empty to start when you publish (UTC)."
    )
    ends_at = models.DateTimeField(
        "ends", null=True, blank=True, help_text="Leave empty to run until you take it offline."
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "activities"
        ordering = ["placement", "-priority", "key"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True)
                | Q(ends_at__isnull=True)
                | Q(ends_at__gt=F("starts_at")),
                name="activity_ends_after_it_starts",
                violation_error_message="The end must come after the start.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Give a new activity a key, which it keeps when it is renamed."""
        self.key = self.key or free_key(Activity.objects.all(), self.name)
        super().save(*args, **kwargs)

    def definition(self) -> dict[str, Any]:
        """Return what is published of an activity."""
        return {
            "name": self.name,
            "placement": self.placement.key,
            "segment": self.segment.key if self.segment else None,
            "starts_at": self.starts_at.isoformat() if self.starts_at else None,
            "ends_at": self.ends_at.isoformat() if self.ends_at else None,
            "priority": self.priority,
            "variations": [one.definition() for one in self.variations.all()],
        }


class Variation(models.Model):
    """One alternative of an activity; only the fields of its kind count."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="variations")
    key = models.SlugField(max_length=64, editable=False)
    name = models.CharField(max_length=80, help_text="To tell variations apart in reports.")
    weight = models.PositiveSmallIntegerField(
        default=1,
        validators=[MaxValueValidator(1000)],
        help_text="Visitors are divided in proportion to these numbers; 0 pauses a variation.",
    )
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.BANNER)

    headline = models.CharField(max_length=120, blank=True, validators=[check_no_template_code])
    text = models.CharField(max_length=300, blank=True, validators=[check_no_template_code])
    link = models.CharField(
        max_length=300,
        blank=True,
        validators=[check_link],
        help_text="Where the button leads: “/…” for a page of this shop, or “https://…”.",
    )
    button_label = models.CharField(max_length=40, blank=True, validators=[check_no_template_code])
    tone = models.CharField("colours", max_length=16, choices=Tone, default=Tone.CALM)

    html = models.TextField(
        "HTML",
        blank=True,
        max_length=20_000,
        validators=[check_no_template_code],
        help_text="Scripts, styles and forms are removed when you save.",
    )

    title = models.CharField(
        max_length=120,
        blank=True,
        validators=[check_no_template_code],
        help_text="Stands above the items.",
    )
    strategy = models.CharField(
        "which items", max_length=16, choices=Strategy, default=Strategy.RECOMMENDED
    )
    limit = models.PositiveSmallIntegerField(
        "how many items", default=4, validators=[MinValueValidator(1), MaxValueValidator(24)]
    )

    trait = models.CharField(
        "trait it fills",
        max_length=64,
        blank=True,
        validators=[check_askable],
        help_text="What the answer is kept as, such as favourite_colour. The question is shown only"
        " to visitors who agreed to personalization and of whom this is not known.",
    )
    answers = models.TextField(
        blank=True,
        max_length=1000,
        validators=[check_answers, check_no_template_code],
        help_text="One on each line; visitors press one. Leave empty to let them write.",
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["activity", "key"], name="variation_key_in_activity"),
            models.CheckConstraint(
                condition=Q(limit__gte=1) & Q(limit__lte=24), name="variation_shows_1_to_24_items"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Ask for what this kind of variation cannot do without."""
        empty = [name for name in REQUIRED.get(self.kind, ()) if not getattr(self, name)]
        if empty:
            message = f"{self.get_kind_display()} needs this."
            raise ValidationError(dict.fromkeys(empty, message))

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep only safe HTML, and give a new variation a key that it keeps."""
        self.html = sanitise(self.html)
        siblings = Variation.objects.filter(activity=self.activity)
        self.key = self.key or free_key(siblings, self.name)
        super().save(*args, **kwargs)

    def definition(self) -> dict[str, Any]:
        """Return what is published of a variation."""
        return {
            "key": self.key,
            "name": self.name,
            "weight": self.weight,
            "kind": self.kind,
            "content": {name: getattr(self, name) for name in FIELDS[self.kind]},
        }
