"""Keep the secrets of destinations sealed: the database alone does not open them."""

from typing import Final

from personalization.activation.models import Destination
from personalization.vault.sealed_columns import SealedColumn

SECRETS: Final = SealedColumn(Destination, "sealed_secret", purpose="destinations")
PROPOSED: Final = SealedColumn(Destination, "proposed_secret", purpose="proposed destinations")


def confide(destination: Destination, secret: str) -> None:
    """Seal the secret into the destination, bound to its row; the caller saves it."""
    SECRETS.put(destination, secret.encode())


def confide_proposed(destination: Destination, secret: str) -> None:
    """Seal a secret that is to take the place of the other once somebody approves it."""
    PROPOSED.put(destination, secret.encode())


def take_over_proposed(destination: Destination) -> None:
    """Let a secret that was proposed, if one was, take the place of the other, in memory."""
    if destination.proposed_secret:
        SECRETS.put(destination, PROPOSED.get(destination))


def secret_of(destination: Destination) -> str:
    """Return the secret; raises UnknownKey or Tampered."""
    return SECRETS.get(destination).decode()
