"""Pages on which an account sees and changes what it agrees to; django-consent 0.2's, kept."""

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.views.generic import FormView, ListView

from consent.forms import ConsentForm
from consent.models import Consent, Privilege
from consent.purposes import NECESSARY


class ConsentListView(LoginRequiredMixin, ListView[Consent]):
    """Show what the account agreed to and withdrew."""

    context_object_name = "consent_list"
    template_name = "consent/consent_list.html"

    def get_queryset(self) -> QuerySet[Consent]:
        """Return the account's own choices."""
        return Consent.objects.for_user(_user(self)).select_related("user", "privilege")


class ConsentEditView(LoginRequiredMixin, FormView[ConsentForm]):
    """Change what the account agrees to.

    django-consent 0.2 compared ids of consents with ids of privileges, so that withdrawals were
    lost; here every id is a privilege's.
    """

    template_name = "consent/consent_edit.html"
    form_class = ConsentForm
    success_url = "."

    def get_privileges_with_consent(self) -> QuerySet[Privilege]:
        """Return the privileges that the account grants now."""
        granted = Consent.objects.granted(user=_user(self))
        return Privilege.objects.filter(pk__in=granted.values("privilege"))

    def get_initial(self) -> dict[str, Any]:
        """Tick what is granted."""
        return {"consents": self.get_privileges_with_consent()}

    def get_form(self, form_class: type[ConsentForm] | None = None) -> ConsentForm:
        """Leave out what is not a choice."""
        form = super().get_form(form_class)
        form.fields["consents"].queryset = Privilege.objects.exclude(key=NECESSARY)  # type: ignore[attr-defined]
        return form

    def form_valid(self, form: ConsentForm) -> HttpResponse:
        """Grant what is ticked, and withdraw what is ticked no longer."""
        chosen = set(form.cleaned_data["consents"])
        granted = set(self.get_privileges_with_consent())
        with transaction.atomic():
            Consent.objects.revoke_consent(_user(self), granted - chosen)
            Consent.objects.grant_consent(_user(self), chosen - granted)
        return HttpResponseRedirect(self.get_success_url())


def _user(view: Any) -> User:
    user: User = view.request.user
    return user
