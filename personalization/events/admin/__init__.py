"""This room in the admin."""

from personalization.events.admin.dead import DeadLetterAdmin
from personalization.events.admin.exchange import ExchangeRateAdmin
from personalization.events.admin.intake import EventMappingAdmin, IntakePolicyAdmin
from personalization.events.admin.refused import RefusedEventAdmin
from personalization.events.admin.schemas import EventSchemaAdmin

__all__ = [
    "DeadLetterAdmin",
    "EventMappingAdmin",
    "EventSchemaAdmin",
    "ExchangeRateAdmin",
    "IntakePolicyAdmin",
    "RefusedEventAdmin",
]
