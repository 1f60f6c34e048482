"""Addresses of this room's pages; django-consent's names stand without a namespace, as they did."""

from django.urls import include, path

from consent.choice_views import choices_page, receipt, take_choice
from consent.views import ConsentEditView, ConsentListView

pages = [
    path("", choices_page, name="choices"),
    path("choose", take_choice, name="choose"),
    path("receipt", receipt, name="receipt"),
]

urlpatterns = [
    path("", include((pages, "consent"))),
    path("account/", ConsentListView.as_view(), name="privileges"),
    path("account/edit/", ConsentEditView.as_view(), name="edit_privileges"),
]
