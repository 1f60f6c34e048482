"""The secrets and switches of a laptop installation, generated once and kept under var/."""

import base64
import json
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path


def _text() -> str:
    return secrets.token_urlsafe(48)


def _vault_keys() -> str:
    return "1:" + base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


SECRETS: Mapping[str, Callable[[], str]] = {
    "SECRET_KEY": _text,
    "PSEUDONYM_KEY": _text,
    "RECEIPT_KEY": _text,
    "VAULT_KEYS": _vault_keys,
}


def local_environment(var: Path) -> dict[str, str]:
    """Return the settings' environment for this folder; what is already set is left alone."""
    defaults = _kept_secrets(var / "secrets.json") | {
        "HTTPS": "false",
        "VAR_DIR": str(var),
        "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
    }
    return {key: value for key, value in defaults.items() if key not in os.environ}


def _kept_secrets(path: Path) -> dict[str, str]:
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    # An installation of an earlier version lacks those that came since.
    missing = {name: make() for name, make in SECRETS.items() if name not in kept}
    if missing:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps(kept | missing))
    return kept | missing
