"""Forms of django-consent 0.2, kept."""

from django import forms

from consent.models import Privilege


class PrivilegeForm(forms.ModelForm[Privilege]):
    """Name and describe a purpose."""

    class Meta:
        model = Privilege
        fields = ("name", "description")


class ConsentForm(forms.Form):
    """What an account agrees to; `consents` are privileges, by their ids."""

    consents = forms.ModelMultipleChoiceField(
        Privilege.objects.all(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        label="I agree to",
    )
