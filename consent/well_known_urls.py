"""Addresses that standards fix at the root of the site."""

from django.urls import path

from consent.choice_views import gpc_support

urlpatterns = [path(".well-known/gpc.json", gpc_support, name="gpc_support")]
