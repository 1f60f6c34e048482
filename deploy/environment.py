"""The secrets and switches of a laptop installation, generated once and kept under var/."""

import json
import os
import secrets
from pathlib import Path

SECRETS = ("SECRET_KEY", "PSEUDONYM_KEY", "RECEIPT_KEY")


def local_environment(var: Path) -> dict[str, str]:
    """Return the settings' environment for this folder; what is already set is left alone."""
    defaults = _kept_secrets(var / "secrets.json") | {
        "HTTPS": "false",
        "VAR_DIR": str(var),
        "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
    }
    return {key: value for key, value in defaults.items() if key not in os.environ}


def _kept_secrets(path: Path) -> dict[str, str]:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps({name: secrets.token_urlsafe(48) for name in SECRETS}))
    kept: dict[str, str] = json.loads(path.read_text())
    return kept
