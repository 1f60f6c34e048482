"""What money of other currencies was worth, day by day."""

from datetime import UTC, datetime
from typing import Final

import pycountry
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Now

NO_CURRENCY: Final = "There is no such currency. Use a code of ISO 4217, such as JPY."
OUR_CURRENCY: Final = "This is the shop's own currency."
IS_PAST: Final = (
    "There is a rate for that day already, and money was added up with it. Choose a later day than"
    " today: the past stays as it was."
)


class ExchangeRate(models.Model):
    """From which day on one unit of a currency is worth how much in the shop's."""

    currency = models.CharField(max_length=3, help_text="Three letters, such as JPY.")
    starts_on = models.DateField(
        "in force from",
        help_text="The day (UTC) from which on it holds, until a later rate follows. The first rate"
        " of a currency may begin in the past.",
    )
    rate = models.DecimalField(
        max_digits=18,
        decimal_places=9,
        help_text="What one unit is worth in the shop's currency: 0.0052 for a yen in pounds.",
    )
    added_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = "exchange rate"
        ordering = ["currency", "-starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["currency", "starts_on"], name="one_rate_a_day"),
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="rate_is_worth_something"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} from {self.starts_on}"

    def clean(self) -> None:
        """Refuse what is no foreign currency, and what would change sums that were made already."""
        self.currency = self.currency.strip().upper()
        if pycountry.currencies.get(alpha_3=self.currency) is None:
            raise ValidationError({"currency": NO_CURRENCY})
        if self.currency == settings.CURRENCY:
            raise ValidationError({"currency": OUR_CURRENCY})
        others = ExchangeRate.objects.filter(currency=self.currency)
        if self.starts_on and others.exists() and self.starts_on <= datetime.now(UTC).date():
            raise ValidationError({"starts_on": IS_PAST})
