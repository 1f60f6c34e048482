"""Categories and items of the shop."""

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


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


class Item(models.Model):
    """Something that can be shown and bought; `item_id` is the shop's own code."""

    item_id = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    price = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3, default="GBP")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="items")
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    is_available = models.BooleanField(default=True)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(price__gte=Decimal(0)), name="item_price_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.name
