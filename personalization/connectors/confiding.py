"""Where the secrets of connections are: in the environment, and never in the database."""

import os
import re
from typing import Final

from personalization.connectors.reaching import SourceFailed

# Only these: whoever sets up a connection must not read other variables through it.
VARIABLE: Final = re.compile(r"CONNECTOR_SECRET_[A-Z0-9_]{1,40}")


def secret_in(variable: str) -> str:
    """Return the secret that the variable holds; "" where none is named. Raises SourceFailed."""
    if not variable:
        return ""
    secret = os.environ.get(variable, "") if VARIABLE.fullmatch(variable) else ""
    if not secret:
        raise SourceFailed(f"The environment variable {variable} is not set.")
    return secret
