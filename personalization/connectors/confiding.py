"""Where the secrets of connections are: sealed in the database, or in the environment."""

import os
from datetime import datetime
from typing import Final

from personalization.connectors.models import VARIABLE, Connection
from personalization.connectors.reaching import SourceFailed
from personalization.vault.sealed_columns import SealedColumn
from personalization.vault.sealing import Tampered, UnknownKey

SECRETS: Final = SealedColumn(Connection, "sealed_secret", purpose="connections")


def confide(connection: Connection, secret: str, *, now: datetime) -> None:
    """Seal the secret into the connection, bound to its row; the caller saves it."""
    SECRETS.put(connection, secret.encode())
    connection.secret_set_at = now


def forget(connection: Connection) -> None:
    """Keep no secret of the connection; the caller saves it."""
    connection.sealed_secret, connection.secret_set_at = b"", None


def secret_of(connection: Connection) -> str:
    """Return the secret; "" where there is none. Raises SourceFailed."""
    if connection.sealed_secret:
        return _opened(connection)
    return _in_environment(connection.secret_variable)


def _opened(connection: Connection) -> str:
    try:
        return SECRETS.get(connection).decode()
    except (UnknownKey, Tampered) as error:
        raise SourceFailed(
            "The secret cannot be opened: put its key back into VAULT_KEYS, or enter it anew."
        ) from error


def _in_environment(variable: str) -> str:
    if not variable:
        return ""
    secret = os.environ.get(variable, "") if VARIABLE.fullmatch(variable) else ""
    if not secret:
        raise SourceFailed(f"The environment variable {variable} is not set.")
    return secret
