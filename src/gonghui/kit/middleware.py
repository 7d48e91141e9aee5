"""What happens to a refusal that no view caught."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from gonghui.kit.errors import Refused
from gonghui.kit.request import Request


class RefusedMiddleware:
    """Turns an action's ``Refused`` into its sentence on the page that the person came from.

    A view therefore calls its action and redirects; only a view that shows the sentence beside a field catches it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: Request, error: Exception) -> HttpResponse | None:
        if not isinstance(error, Refused):
            return None
        referer = request.headers.get("Referer", "")
        if request.htmx or not url_has_allowed_host_and_scheme(referer, {request.get_host()}):
            response = render(request, "refused.html", {"sentence": error.sentence}, status=409)
            response["HX-Retarget"], response["HX-Reswap"] = "#messages", "innerHTML"
            return response
        messages.error(request, error.sentence)
        return HttpResponseRedirect(referer)
