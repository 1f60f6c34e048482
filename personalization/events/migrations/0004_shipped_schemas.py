"""Schemas of the types that come with the project.

They describe, and refuse only what is of the wrong kind: what a shop always sends is for the shop
to require.
"""

from django.db import migrations

TEXT = {"type": "string", "maxLength": 1024}
KEY = {"type": "string", "minLength": 1, "maxLength": 64}
MONEY = {"type": "number"}
PRICE = {"type": "number", "minimum": 0}
QUANTITY = {"type": "number", "exclusiveMinimum": 0}
CURRENCY = {"type": "string", "pattern": "^[A-Z]{3}$"}
ITEM = {"item_id": KEY, "category": KEY, "price": PRICE, "currency": CURRENCY}
LINE = {**ITEM, "quantity": QUANTITY}
ORDER = {**LINE, "order_id": KEY, "value": MONEY}
ITEMS = {"items": {"type": "array", "items": {"type": "string"}}}

PROPERTIES = {
    "page_view": {"category": KEY},
    "screen_view": {"category": KEY},
    "item_view": ITEM,
    "item_click": ITEM,
    "add_to_cart": LINE,
    "remove_from_cart": LINE,
    "add_to_wishlist": ITEM,
    "remove_from_wishlist": ITEM,
    "purchase": ORDER,
    "refund": ORDER,
    "search": {"query": TEXT},
    "list_view": ITEMS,
    "list_filter": ITEMS,
    "cart_view": {**ITEMS, "value": MONEY, "currency": CURRENCY},
    "begin_checkout": {**ITEMS, "value": MONEY, "currency": CURRENCY},
    "add_payment_info": ITEMS,
    "add_shipping_info": ITEMS,
    "promotion_view": ITEMS,
    "promotion_click": ITEMS,
    "email_open": {},
    "email_click": {},
    "scroll": {"depth": {"type": "number", "minimum": 0, "maximum": 100}},
    "click": {},
    "form_submit": {},
    "page_leave": {"visible_seconds": {"type": "number", "minimum": 0}},
    "identify": {},
    "group": {"group_id": TEXT},
    "exposure": {},
}
CONTEXT = {"page": TEXT, "url": {"type": "string"}, "referrer": {"type": "string"}}
HAS_PAGE = {"page_view", "item_view"}


def ship(apps, schema_editor):
    EventSchema = apps.get_model("events", "EventSchema")
    EventSchema.objects.bulk_create(
        EventSchema(
            type=kind, version=1, schema=_schema(kind, fields), note="Shipped.", saved_by="project"
        )
        for kind, fields in PROPERTIES.items()
    )
    apps.get_model("events", "IntakePolicy").objects.create(pk=1)
    apps.get_model("events", "EventMapping").objects.create(kind="country", stated="UK", meant="GB")


def _schema(kind, fields):
    parts = {"properties": {"type": "object", "properties": fields}}
    if kind in HAS_PAGE:
        parts["context"] = {"type": "object", "properties": CONTEXT}
    return {"type": "object", "properties": parts}


class Migration(migrations.Migration):
    dependencies = [("events", "0003_schemas_and_refused_events")]

    operations = [migrations.RunPython(ship, migrations.RunPython.noop)]
