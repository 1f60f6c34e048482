"""Answer addresses in the admin that can name nothing with 404, before a page asks the database."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse

View = Callable[..., HttpResponse]


class AdminAddressMiddleware:
    """Refuses keys such as `abc` where a number is meant; pages of unfold take any text for one.

    Here and not in each page, so that a page written later cannot forget it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: View, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> None:
        """Stop at a key that the model of the page cannot have; raises Http404."""
        model_admin = getattr(view, "model_admin", None)
        if model_admin is None or "object_id" not in kwargs:
            return
        try:
            model_admin.opts.pk.to_python(unquote(str(kwargs["object_id"])))
        except ValidationError as error:
            raise Http404("There is nothing at this address.") from error
