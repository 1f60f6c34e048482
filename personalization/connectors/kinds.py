"""The kinds of source there are; importing their modules makes them known."""

from personalization.connectors import rest, salesforce, webhook
from personalization.connectors.connecting import CONNECTORS

__all__ = ["CONNECTORS", "rest", "salesforce", "webhook"]
