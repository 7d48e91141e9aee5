"""Documents of a programme: added and removed by who publishes it, sent to whoever sees it."""

from csp.decorators import csp_update
from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from gonghui.accounts.request import Request
from gonghui.attachments.names import clean_name
from gonghui.bookings.documents import actions
from gonghui.bookings.documents.forms import DocumentForm
from gonghui.bookings.models import Document
from gonghui.bookings.pages import managed, pictures_form_page
from gonghui.kit.forms import refused_into
from gonghui.kit.uploads import too_large


@require_http_methods(["GET", "POST"])
def add(request: Request, pk: int) -> HttpResponse:
    """「添加资料」."""
    programme = managed(request, pk)
    sent = request.POST if request.method == "POST" else None
    form = DocumentForm(sent, request.FILES or None, too_large=too_large(request))
    if form.is_valid():
        with refused_into(form):
            document = actions.add_document(programme, **form.cleaned_data, by=request.user)
            messages.success(
                request,
                f"已添加资料“{document}”，{document.pages} 页。文件已重新生成，只保留页面内容，脚本、表单等没有保留。",
            )
            return redirect("bookings:pictures", programme.pk)
    return pictures_form_page(request, form, programme, title="添加资料", button="上传")


@require_http_methods(["GET", "POST"])
def remove(request: Request, pk: int) -> HttpResponse:
    """「删除」, after a question."""
    rows = Document.objects.visible_to(request.user).select_related("programme").defer("content")
    document = get_object_or_404(rows, pk=pk)
    programme = managed(request, document.programme_id)
    if request.method == "POST":
        actions.remove_document(document, by=request.user)
        messages.success(request, f"已删除资料“{document}”。")
        return redirect("bookings:pictures", programme.pk)
    warning = f"删除资料“{document}”（{document.pages} 页）？删除后不能恢复，要再用就得重新上传。"
    return pictures_form_page(request, Form(), programme, title="删除资料", button="删除", warning=warning, danger=True)


@never_cache
@csp_update({"sandbox": True})  # type: ignore[arg-type] # its hints know no view with more than the request
@require_GET
def send(request: Request, pk: int) -> HttpResponse:
    """Sends a document as a download, never inline, to whoever sees the programme."""
    document = get_object_or_404(Document.objects.visible_to(request.user), pk=pk)
    response = HttpResponse(bytes(document.content), content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(True, clean_name(f"{document.title}.pdf", "pdf")) or ""
    response["X-Content-Type-Options"] = "nosniff"
    return response
