"""Categories and items of the shop."""

from datetime import datetime
from decimal import Decimal
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from catalog.addresses import LONGEST_ADDRESS, check_web_address, may_be_loaded
from catalog.currencies import currencies
from catalog.feed_showing import BRAND_LENGTH, DESCRIPTION_LENGTH, GTIN


class Category(models.Model):
    """A shelf of the shop; `key` is what events and rules name."""

    key = models.SlugField(max_length=64, unique=True)
    name = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name


class ItemQuerySet(models.QuerySet["Item"]):
    """Items, as the shop looks for them."""

    def with_price(self, *, now: datetime) -> Self:
        """Add `price_now`, by which items are put in order; `Item.price_at` says it of one."""
        on_sale = (
            models.Q(sale_price__isnull=False)
            & (models.Q(sale_starts_at__isnull=True) | models.Q(sale_starts_at__lte=now))
            & (models.Q(sale_ends_at__isnull=True) | models.Q(sale_ends_at__gt=now))
        )
        return self.annotate(
            price_now=models.Case(
                models.When(on_sale, then="sale_price"),
                default="price",
                output_field=models.DecimalField(),
            )
        )


class Item(models.Model):
    """Something that can be shown and bought; `item_id` is the shop's own code.

    `price` is the normal one. What a visitor pays is `current_price`.
    """

    item_id = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    price = models.DecimalField(max_digits=12, decimal_places=2, help_text="The normal price.")
    sale_price = models.DecimalField(
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="What it costs while the sale lasts. Leave empty where there is none.",
    )
    sale_starts_at = models.DateTimeField(
        null=True, blank=True, help_text="Leave empty for a sale that goes on already."
    )
    sale_ends_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="From then on it costs the normal price again. Leave empty for no end.",
    )
    currency = models.CharField(max_length=3, default="GBP")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="items")
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    is_available = models.BooleanField(default=True)
    description = models.TextField(max_length=DESCRIPTION_LENGTH, default="", blank=True)
    url = models.CharField(
        "page",
        max_length=LONGEST_ADDRESS,
        default="",
        blank=True,
        validators=[check_web_address],
        help_text="Where the item is shown, such as https://shop.example/1001.",
    )
    image_url = models.CharField(
        "picture",
        max_length=LONGEST_ADDRESS,
        default="",
        blank=True,
        validators=[check_web_address],
        help_text="The address of its picture. This shop's own pages show those of hosts listed in "
        "IMAGE_ORIGINS, and a drawing otherwise.",
    )
    brand = models.CharField(max_length=BRAND_LENGTH, default="", blank=True)
    gtin = models.CharField(
        "GTIN",
        max_length=14,
        default="",
        blank=True,
        validators=[RegexValidator(GTIN, "It must have 8 to 14 digits.")],
        help_text="The number under its bar code.",
    )
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = ItemQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(price__gte=Decimal(0)), name="item_price_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(sale_price__isnull=True)
                | models.Q(sale_price__gte=Decimal(0), sale_price__lte=models.F("price")),
                name="item_sale_price_not_above_price",
                violation_error_message="The sale price must not be above the normal price.",
            ),
            models.CheckConstraint(
                condition=models.Q(sale_starts_at__isnull=True)
                | models.Q(sale_ends_at__isnull=True)
                | models.Q(sale_ends_at__gt=models.F("sale_starts_at")),
                name="item_sale_ends_after_it_starts",
                violation_error_message="The sale must end after it starts.",
            ),
            models.CheckConstraint(
                condition=models.Q(url="") | models.Q(url__regex=r"^https?://"),
                name="item_url_is_of_the_web",
            ),
            models.CheckConstraint(
                condition=models.Q(image_url="") | models.Q(image_url__regex=r"^https?://"),
                name="item_image_url_is_of_the_web",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a currency that there is not."""
        if self.currency not in currencies():
            raise ValidationError({"currency": "Use a code of ISO 4217, such as GBP."})

    def price_at(self, now: datetime) -> Decimal:
        """Return what it costs at that moment; a sale holds from its start until before its end."""
        has_begun = self.sale_starts_at is None or self.sale_starts_at <= now
        has_ended = self.sale_ends_at is not None and self.sale_ends_at <= now
        if self.sale_price is None or not has_begun or has_ended:
            return self.price
        return self.sale_price

    @property
    def current_price(self) -> Decimal:
        """What it costs at this moment; templates cannot pass one."""
        return self.price_at(timezone.now())

    @property
    def picture(self) -> str:
        """The address of its picture where pages may load it; empty: draw its tile."""
        return self.image_url if may_be_loaded(self.image_url) else ""

    @property
    def is_on_sale(self) -> bool:
        """Whether it costs less at this moment than it normally does."""
        return self.current_price < self.price
