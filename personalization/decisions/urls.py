"""Addresses of this room for visitors."""

from django.urls import path

from personalization.decisions.views import answer_question

urlpatterns = [path("answers", answer_question, name="answer_question")]
