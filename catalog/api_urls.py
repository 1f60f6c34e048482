"""API addresses of the catalogue."""

from django.urls import path

from catalog.api import ItemsView

urlpatterns = [path("catalog/items", ItemsView.as_view(), name="catalog-items")]
