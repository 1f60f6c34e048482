"""Ids of messages that pages send, in a space of each visitor's own."""

from hashlib import blake2b
from typing import Any


def id_of_page(stated: Any, *, visitor: str) -> Any:
    """Return the id under which a page's message is stored; what is no id stays as it is.

    A page's key is public: under an id as it came, it could use up that of a server's purchase, or
    of another visitor's message. What a page sends again for its visitor has the same id again.
    """
    if not isinstance(stated, str) or not stated:
        return stated  # the door says what is wrong with it
    return blake2b(f"{visitor}\n{stated}".encode(errors="replace"), digest_size=16).hexdigest()
