"""The demo's logins and keys: made at the first start, and never fixed in the code."""

import json
import secrets
from pathlib import Path
from typing import Any, Final

from django.contrib.auth.models import Group, User

from personalization.access.models import ApiKey

ROLES: Final = {
    "marketer": "Marketer",
    "privacy_officer": "Privacy officer",
    "administrator": "Administrator",
}
VOUCHED: Final = ["analytics", "personalization", "training"]
KEYS: Final = {
    "write": ["events"],
    "server": [
        "events",
        "decisions",
        "consent",
        "privacy",
        "profiles",
        "catalog",
        "segments",
    ],
}


def write_access(*, folder: Path, url: str) -> None:
    """Write demo.json with address, logins and keys, and the pages' key beside it.

    What was made before is kept; only the address is brought up to date.
    """
    path = folder / "demo.json"
    kept = json.loads(path.read_text()) if path.exists() else _made(folder)
    path.touch(mode=0o600)
    path.write_text(json.dumps({**kept, "url": url}, indent=2) + "\n")


def _made(folder: Path) -> dict[str, Any]:
    key_path = folder / "demo" / "collect_key"
    key_path.parent.mkdir(parents=True, exist_ok=True)
    key_path.write_text(_key("Pages of the shop", ["collect"], vouched=[]))
    return {
        "url": "",
        "logins": {role: _login(role, group) for role, group in ROLES.items()},
        "keys": {
            name: _key(f"Demo {name} key", scopes, vouched=VOUCHED) for name, scopes in KEYS.items()
        },
    }


def _login(role: str, group: str) -> dict[str, str]:
    username, password = role, secrets.token_urlsafe(12)
    user, _ = User.objects.get_or_create(username=username)
    user.is_staff = True
    user.is_superuser = group == "Administrator"
    user.set_password(password)
    user.save()
    user.groups.set([Group.objects.get(name=group)])
    return {"username": username, "password": password}


def _key(name: str, scopes: list[str], *, vouched: list[str]) -> str:
    ApiKey.objects.filter(name=name).delete()
    _, key = ApiKey.objects.create_key(name=name, scopes=scopes, vouched_purposes=vouched)
    return str(key)
