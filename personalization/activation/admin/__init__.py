"""This room's pages in the admin."""

from personalization.activation.admin import audience, delivery, destination, trigger, watched

__all__ = ("audience", "delivery", "destination", "trigger", "watched")
