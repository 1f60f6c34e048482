"""Stepping into a customer of the data set, or out again."""

import json
import logging
from pathlib import Path
from typing import Final

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase

from catalog.basket import BASKET, ORDER
from catalog.demo.customers import Persona

logger = logging.getLogger(__name__)

# What `request.visitor` reads as the shop's customer.
USER_ID: Final = "user_id"


def is_demo() -> bool:
    """Return whether this installation shows the switcher."""
    return bool(getattr(settings, "DEMO", False))


def personas() -> list[Persona]:
    """Return the customers that `make_demo_feeds` chose; empty where the demo is not loaded."""
    path = Path(settings.VAR_DIR) / "demo" / "customers.json"
    try:
        return [Persona(**stated) for stated in json.loads(path.read_text(encoding="utf-8"))]
    except FileNotFoundError:
        return []
    except (ValueError, TypeError):
        logger.exception("%s cannot be read; run make_demo_feeds again.", path)
        return []


def persona_of(session: SessionBase) -> Persona | None:
    """Return the persona that the visitor has stepped into."""
    user_id = session.get(USER_ID)
    return next((p for p in personas() if p.user_id == user_id), None) if user_id else None


def step_into(session: SessionBase, *, kind: str) -> Persona | None:
    """Become the persona of this kind; None for a new visitor or a kind that is not there.

    The basket stays behind. A login to the admin in the same session is left alone.
    """
    for key in (USER_ID, BASKET, ORDER):
        session.pop(key, None)
    persona = next((p for p in personas() if p.kind == kind), None)
    if persona:
        session[USER_ID] = persona.user_id
    return persona
