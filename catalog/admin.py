"""Categories and items in the admin."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from catalog.models import Category, Item


@admin.register(Category)
class CategoryAdmin(ModelAdmin):
    """The shelves of the shop."""

    list_display = ("name", "key", "position")
    search_fields = ("name", "key")
    prepopulated_fields = {"key": ("name",)}


@admin.register(Item)
class ItemAdmin(ModelAdmin):
    """The things on them."""

    list_display = (
        "name",
        "item_id",
        "category",
        "price",
        "sale_price",
        "currency",
        "is_available",
    )
    list_filter = ("category", "is_available", "currency")
    list_select_related = ("category",)
    search_fields = ("=item_id", "name")
    search_help_text = "A code such as 85123A, or words of the name."
    autocomplete_fields = ("category",)
    readonly_fields = ("updated_at",)
