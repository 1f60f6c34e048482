"""Addresses of this room: the shop of the demo."""

from django.urls import URLPattern, URLResolver, path

from catalog import basket_views, tile_views, views
from catalog.demo import switching_views

app_name = "shop"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("shelves/<slug:key>/", views.category, name="category"),
    path("items/<str:item_id>/", views.item, name="item"),
    path("search/", views.search, name="search"),
    path("basket/", basket_views.basket, name="basket"),
    path("basket/add/", basket_views.add, name="add"),
    path("basket/remove/", basket_views.remove, name="remove"),
    path("basket/checkout/", basket_views.checkout, name="checkout"),
    path("thanks/", basket_views.thanks, name="thanks"),
    path("tiles/<str:item_id>.svg", tile_views.item_tile, name="tile"),
    path("tiles/shelf/<slug:key>.svg", tile_views.category_tile, name="category_tile"),
    path("demo/switch/", switching_views.switch, name="switch"),
]
