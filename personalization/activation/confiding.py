"""Keep the secrets of destinations sealed: the database alone does not open them."""

from typing import Final

from django.db import transaction

from personalization.activation.models import Destination
from personalization.vault.master_keys import master_keys
from personalization.vault.sealing import key_id_of, seal, unseal

PURPOSE: Final = "destinations"


def confide(destination: Destination, secret: str) -> None:
    """Seal the secret into the destination, bound to its row; the caller saves it."""
    keys = master_keys()
    destination.sealed_secret = seal(
        secret.encode(),
        key_id=keys.current,
        key=keys.derived(keys.current, PURPOSE),
        place=_place(destination),
    )


def secret_of(destination: Destination) -> str:
    """Return the secret; raises UnknownKey or Tampered."""

    def key_of(key_id: str) -> bytes:
        return master_keys().derived(key_id, PURPOSE)

    sealed = bytes(destination.sealed_secret)
    return unseal(sealed, key_of=key_of, place=_place(destination)).decode()


def rotate_secrets() -> int:
    """Seal anew what a former master key sealed; return how many that were.

    Raises UnknownKey where that key is no longer in VAULT_KEYS.
    """
    done = 0
    with transaction.atomic():
        for destination in Destination.objects.select_for_update():
            if key_id_of(bytes(destination.sealed_secret)) != master_keys().current:
                confide(destination, secret_of(destination))
                destination.save(update_fields=["sealed_secret"])
                done += 1
    return done


def _place(destination: Destination) -> tuple[str, ...]:
    return ("activation_destination", "sealed_secret", destination.pk)
