"""Purposes, and what accounts currently agree to; the public API of django-consent 0.2, kept."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction
from django.utils import timezone
from django.utils.text import slugify

from consent.proving import MECHANISM_ACCOUNT, prove_if_changed
from consent.subjects import Identifier, Subject


class Privilege(models.Model):
    """A purpose for which a visitor is asked."""

    key = models.SlugField(
        max_length=32,
        unique=True,
        blank=True,
        help_text="The name by which enforcement knows this purpose. It never changes.",
    )
    name = models.CharField(max_length=64, help_text="What visitors read beside the check box.")
    description = models.TextField(
        help_text="One or two sentences that a visitor understands: what is done, and why."
    )
    users = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="consent.Consent", editable=False
    )

    class Meta:
        ordering = ["name"]
        verbose_name = "purpose"

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Name the key after the purpose where none is stated."""
        self.key = self.key or slugify(self.name).replace("-", "_")[:32]
        super().save(*args, **kwargs)

    def is_granted_by(self, user: User) -> bool:
        """Return whether this account agrees to the purpose now."""
        consent = Consent.objects.get_or_none(user=user, privilege=self)
        return consent is not None and consent.is_granted


class ConsentManager(models.Manager["Consent"]):
    """Grants and withdrawals of accounts, each of which is recorded as proof."""

    def for_user(self, user: User) -> models.QuerySet["Consent"]:
        """Return what this account was asked and answered."""
        return self.filter(user=user)

    @transaction.atomic
    def grant_consent(self, user: User, privileges: Iterable[Privilege]) -> None:
        """Grant each of these purposes; granting again clears a withdrawal."""
        for privilege in privileges:
            consent = self.get_or_none(user=user, privilege=privilege)
            consent = consent or Consent(user=user, privilege=privilege)
            consent.grant()
            consent.save()

    @transaction.atomic
    def revoke_consent(self, user: User, privileges: Iterable[Privilege | int]) -> None:
        """Withdraw these purposes, given as objects or ids, where they were granted."""
        for consent in self.granted(user).filter(privilege__in=list(privileges)):
            consent.revoke()
            consent.save()

    def granted(self, user: User | None = None) -> models.QuerySet["Consent"]:
        """Return what stands granted; without a user, of everybody."""
        granted = self.filter(revoked=False)
        return granted if user is None else granted.filter(user=user)

    def revoked(self, user: User | None = None) -> models.QuerySet["Consent"]:
        """Return what was withdrawn; without a user, by everybody."""
        revoked = self.filter(revoked=True)
        return revoked if user is None else revoked.filter(user=user)

    def get_or_none(self, *args: Any, **kwargs: Any) -> "Consent | None":
        """Return the one consent that matches, or None where there is none."""
        return self.filter(*args, **kwargs).first()


class Consent(models.Model):
    """What an account answered last for one purpose; the history is in ConsentRecord.

    An account is known to consent by its user name, as the shop knows its customers.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    privilege = models.ForeignKey(Privilege, on_delete=models.CASCADE, verbose_name="purpose")
    granted_on = models.DateTimeField(default=timezone.now)
    revoked_on = models.DateTimeField("withdrawn on", null=True, blank=True)
    revoked = models.BooleanField("withdrawn", default=False)
    pseudonym = models.CharField(max_length=32, db_index=True, editable=False)

    objects = ConsentManager()

    class Meta:
        ordering = ["privilege__name"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "privilege"], name="consent_is_one_per_user_and_privilege"
            ),
        ]

    def __str__(self) -> str:
        did = "revoked" if self.revoked else "permits"
        return f"{self.user} {did} the '{self.privilege}' privilege"

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the state, and record it as proof where it differs from the last record."""
        subject = subject_of(self.user)
        self.pseudonym = subject.pseudonyms[0]
        super().save(*args, **kwargs)
        prove_if_changed(
            subject=subject,
            choices={self.privilege.key: self.is_granted},
            mechanism=MECHANISM_ACCOUNT,
            now=timezone.now(),
        )

    def grant(self) -> None:
        """Clear a withdrawal, in memory only."""
        if self.revoked:
            self.revoked = False
            self.revoked_on = None
            self.granted_on = timezone.now()

    def revoke(self) -> None:
        """Withdraw, in memory only."""
        if not self.revoked:
            self.revoked = True
            self.revoked_on = timezone.now()

    @property
    def is_granted(self) -> bool:
        """Whether the account agrees."""
        return not self.revoked

    @property
    def is_revoked(self) -> bool:
        """Whether the account withdrew."""
        return self.revoked


def subject_of(user: User) -> Subject:
    """Return the subject that an account is."""
    return Subject((Identifier("user", user.get_username()),))
