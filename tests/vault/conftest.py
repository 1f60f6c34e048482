"""Master keys to rotate between."""

import base64
from collections.abc import Callable

import pytest
from pytest_django import Settings


def stated(*names: str) -> list[str]:
    """Return master keys of these names as settings state them; a name always has one key."""
    secrets = {name: base64.urlsafe_b64encode(name.encode().rjust(32, b"-")) for name in names}
    return [f"{name}:{secret.decode()}" for name, secret in secrets.items()]


@pytest.fixture
def vault_keys(settings: Settings) -> Callable[..., None]:
    """Return what puts these master keys into force, the current one first."""

    def state(*names: str) -> None:
        settings.VAULT_KEYS = stated(*names)

    return state
