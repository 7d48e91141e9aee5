"""The pages of an import: upload and history, one batch with its problems, the two workbooks to download.

They are 404 for users who may not import; only the template is public.
"""

from io import BytesIO
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gonghui.accounts.request import Request, own_union
from gonghui.imports import actions, admission, editing
from gonghui.imports.forms import XLSX, TypedGrid, UploadForm, read_grid
from gonghui.imports.grid import Errors
from gonghui.imports.hooks import KINDS
from gonghui.imports.kinds import ImportKind
from gonghui.imports.models import Batch, ImportState
from gonghui.imports.queries import is_running, past_imports, waiting_imports
from gonghui.imports.rules import can_import, can_see_imports
from gonghui.kit.errors import Refused
from gonghui.kit.forms import row_id
from gonghui.kit.lists import lists_of
from gonghui.kit.paging import Page, paginate, paginate_list
from gonghui.kit.uploads import too_large
from gonghui.unions.models import UnionState

PROBLEMS_SHOWN = 50


@never_cache
@require_http_methods(["GET", "POST"])
def upload(request: Request, kind: str) -> HttpResponse:
    """One kind's page: the template, the file field, 「历史导入记录」."""
    import_kind = _kind(request, kind)
    form = UploadForm()
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES, too_large=too_large(request))
        if form.is_valid():
            try:
                batch = actions.upload_workbook(
                    own_union(request), import_kind, form.cleaned_data["file"], by=request.user
                )
            except Refused as refused:
                form.add_error("file", refused.sentence)
            else:
                return _uploaded(request, batch)
    return render(
        request,
        "imports/uploads.html",
        {
            "kind": import_kind,
            "form": form,
            "page": _history(request, import_kind),
            "approved": own_union(request).state == UnionState.APPROVED,
            "running": is_running(own_union(request)),
            "waiting": waiting_imports(own_union(request)),
            "waiting_most": admission.MAX_WAITING,
        },
        status=422 if form.errors else 200,
    )


def _uploaded(request: Request, batch: Batch) -> HttpResponse:
    if batch.is_waiting:
        return redirect("imports:batch", batch.pk)
    messages.success(
        request,
        f"“{batch.filename}”共 {batch.rows_total} 行，校验通过，已开始导入，进度和结果列在下面。{batch.message}",
    )
    return redirect("imports:upload", batch.kind)


@never_cache
@require_GET
def progress(request: Request, kind: str) -> HttpResponse:
    """Only the table 「历史导入记录」; it requests itself again while an import is running."""
    import_kind = _kind(request, kind)
    running = is_running(own_union(request))
    response = render(
        request,
        "imports/history.html",
        {"kind": import_kind, "page": _history(request, import_kind), "running": running},
    )
    if not running:
        response["HX-Refresh"] = "true"  # there is a new notice, and the next file may be uploaded
    return response


@login_not_required
@require_GET
def template(request: HttpRequest, kind: str) -> FileResponse:
    """The empty workbook. It contains no personal data, so it is also in the public download area."""
    if kind not in KINDS:
        raise Http404
    return _download(KINDS[kind].template(), KINDS[kind].template_name)


@never_cache
@require_GET
def batch(request: Request, pk: int) -> HttpResponse:
    """One import: its state, and its errors. While it runs, that part of the page requests the progress."""
    batch = _batch(request, pk)
    if request.htmx and request.htmx.target == "running":
        response = render(request, "imports/batch.html#running", {"batch": batch})
        if not batch.is_running:
            response["HX-Refresh"] = "true"
        return response
    return render(
        request,
        "imports/batch.html",
        {
            "batch": batch,
            "kind": KINDS[batch.kind],
            "uploads_url": lists_of(request).address(reverse("imports:upload", args=[batch.kind])),
            "page": paginate_list(request, batch.problems, size=PROBLEMS_SHOWN),
            "waiting": batch.is_waiting,
            "absent": editing.absent(batch) if batch.is_waiting and batch.unread else [],
            **_sorted(request, batch),
            **_undoing(request, batch),
            "kept": batch.file_sealed is not None,
            "rest": Batch.objects.light().filter(follows=batch, union=batch.union).first(),
            "running": is_running(batch.union),
        },
    )


@never_cache
@require_GET
def marked(request: Request, pk: int) -> FileResponse:
    batch = _batch(request, pk)
    return _download(actions.marked_workbook(batch, by=request.user), f"标注错误-{batch.filename}")


@never_cache
@require_http_methods(["GET", "POST"])
def edit(request: Request, pk: int) -> HttpResponse:
    """「在页面上修改」: the rows with errors as a grid, by error.

    Saving checks the whole workbook again. The typed text remains when saving fails.
    """
    batch, typed, refused = _batch(request, pk), TypedGrid(), None
    if request.method == "POST":
        typed = read_grid(request.POST, [column.key for column in KINDS[batch.kind].columns()])
        version = row_id(request.POST.get("version")) or 0
        try:
            batch = editing.edit_rows(batch, typed.cells, typed.out, same=typed.same, version=version, by=request.user)
        except Refused as refusal:
            refused, batch = refusal, _batch(request, pk)
            if batch.state != ImportState.INVALID:  # the page no longer exists
                messages.error(request, refusal.sentence)
                return redirect("imports:batch", pk)
        else:
            return _after_edit(request, batch)
    return _grid_page(request, batch, typed, refused)


def _after_edit(request: Request, batch: Batch) -> HttpResponse:
    if batch.state != ImportState.INVALID:
        return redirect("imports:batch", batch.pk)
    messages.warning(request, f"已保存并重新检查，还有 {batch.problem_count} 处错误。")
    return redirect(request.get_full_path())


def _grid_page(request: Request, batch: Batch, typed: TypedGrid, refused: Refused | None) -> HttpResponse:
    """A page of the rows with errors; after them the rows with typed text that are no longer on this page."""
    kind = KINDS[batch.kind]
    rows = editing.invalid_rows(batch, by=request.user, also=typed.rows)
    errors = Errors(kind, batch.problems)
    page = paginate_list(request, errors.ordered([row for row in rows if row.number in errors.by_row]), size=20)
    shown_numbers = {row.number for row in page.rows}
    typed_rows = [row for row in rows if row.number in typed.rows and row.number not in shown_numbers]
    groups = errors.groups(errors.ordered([*page.rows, *typed_rows]), typed)
    context = {
        "batch": batch,
        "kind": kind,
        "page": page,
        "groups": groups,
        "optional": errors.optional(groups),
        "lists": {key: errors.columns[key].choices for key in errors.columns if errors.columns[key].choices},
        "refused": refused,
    }
    return render(request, "imports/edit.html", context, status=422 if refused else 200)


@require_POST
def map_columns(request: Request, pk: int) -> HttpResponse:
    """「按所选重新检查」: maps the unread columns to the template's columns."""
    batch = _batch(request, pk)
    headings = {
        heading: request.POST.get(f"column-{position}", "") for position, (heading, _) in enumerate(batch.unread)
    }
    version = row_id(request.POST.get("version")) or 0
    batch = editing.confirm_columns(batch, headings, version=version, by=request.user)
    if batch.problem_count:
        messages.warning(request, f"已重新检查，有 {batch.problem_count} 处错误。")
    else:
        messages.success(request, "已重新检查，没有错误。")
    return redirect("imports:batch", pk)


@require_POST
def confirm(request: Request, pk: int) -> HttpResponse:
    batch = actions.confirm_import(_batch(request, pk), request.POST.getlist("group"), by=request.user)
    messages.success(request, f"“{batch.filename}”中的 {batch.rows_valid} 行已开始导入，进度和结果列在下面。")
    return redirect("imports:upload", batch.kind)


@require_POST
def discard(request: Request, pk: int) -> HttpResponse:
    batch = actions.discard_batch(_batch(request, pk), by=request.user)
    messages.success(request, f"已放弃导入“{batch.filename}”，没有导入任何一行。")
    return redirect("imports:upload", batch.kind)


@require_POST
def undo(request: Request, pk: int) -> HttpResponse:
    """「撤销本次导入」."""
    batch = actions.undo_batch(_batch(request, pk), by=request.user)
    add_message = messages.warning if batch.lines.get("left") else messages.success
    add_message(request, batch.message)
    return redirect("imports:batch", pk)


def _undoing(request: Request, batch: Batch) -> dict[str, Any]:
    """Returns the effect of undoing while it is possible, or the rows that undoing left unchanged."""
    kind = KINDS[batch.kind]
    if batch.undo_until and timezone.now() <= batch.undo_until and can_import(request.user, batch.union, kind):
        return {"undoable": kind.undoable(batch)}
    if batch.state == ImportState.UNDONE and (left := batch.lines.get("left")):
        return {"left": paginate_list(request, left, size=20)}
    return {}


def _sorted(request: Request, batch: Batch) -> dict[str, Any]:
    """Returns the groups of a waiting batch with their counts, and a page of the rows of the group ``?group=``."""
    if not batch.is_waiting:
        return {}
    counts, lines, key = batch.group_counts, batch.lines, request.GET.get("group", "")
    present = [group for group in KINDS[batch.kind].groups if counts.get(group.key)]
    groups = [{"group": group, "count": counts[group.key], "lines": group.key in lines} for group in present]
    listed = next((group for group in present if group.key == key and lines.get(key)), None)
    # Without a choice, the button shows the number.
    at_once = all(group.at_once or not group.taken for group in present)
    people = sum(counts[group.key] for group in present if group.taken) if at_once else None
    context: dict[str, Any] = {"groups": groups, "people": people, "next_step": _next_step(KINDS[batch.kind], people)}
    if listed is None:
        return context
    return {**context, "listed": {"group": listed, "page": paginate_list(request, lines[key], size=20)}}


def _next_step(kind: ImportKind, people: int | None) -> str:
    if people is None:
        return f"文件中不都是新{kind.noun}，请看下面各类的{kind.unit}数，勾选要导入的内容，再确认导入。"
    return (
        f"请核对下面的{kind.unit}数，再确认导入。"
        if people
        else f"{kind.register}中的资料与文件一致，没有要导入的内容。"
    )


def _kind(request: Request, key: str) -> ImportKind:
    if key not in KINDS or not can_see_imports(request.user, KINDS[key]):
        raise Http404
    request.section = KINDS[key].home
    return KINDS[key]


def _batch(request: Request, pk: int) -> Batch:
    rows = Batch.objects.visible_to(request.user).select_related("union", "uploaded_by")
    batch = get_object_or_404(rows, pk=pk)
    request.section = KINDS[batch.kind].home
    return batch


def _history(request: Request, kind: ImportKind) -> Page:
    return paginate(request, past_imports(own_union(request), kind.key), order=["-id"])


def _download(content: bytes, name: str) -> FileResponse:
    return FileResponse(BytesIO(content), as_attachment=True, filename=name, content_type=XLSX)
