"""Keep the secrets of destinations sealed: the database alone does not open them."""

from typing import Final

from personalization.activation.models import Destination
from personalization.vault.sealed_columns import SealedColumn

SECRETS: Final = SealedColumn(Destination, "sealed_secret", purpose="destinations")


def confide(destination: Destination, secret: str) -> None:
    """Seal the secret into the destination, bound to its row; the caller saves it."""
    SECRETS.put(destination, secret.encode())


def secret_of(destination: Destination) -> str:
    """Return the secret; raises UnknownKey or Tampered."""
    return SECRETS.get(destination).decode()
