"""「图片和资料」 of a programme, for who publishes it; and the pictures, for whoever sees it."""

from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gonghui.accounts.request import Request
from gonghui.bookings.documents.queries import listed
from gonghui.bookings.models import MAX_DOCUMENTS, MAX_PICTURES, Picture, Rendition
from gonghui.bookings.pages import managed, pictures_form_page
from gonghui.bookings.pictures import actions
from gonghui.bookings.pictures.actions import Move
from gonghui.bookings.pictures.forms import DescriptionForm, PictureForm
from gonghui.bookings.pictures.queries import drawable, gallery
from gonghui.bookings.programmes.figures import offers
from gonghui.bookings.states import ProgrammeState
from gonghui.kit.forms import refused_into
from gonghui.kit.pictures import MEDIA_TYPES, RenditionType
from gonghui.kit.uploads import too_large

DAY = 86_400


@require_GET
def pictures(request: Request, pk: int) -> HttpResponse:
    """All pictures in their order, by venue, and the documents."""
    programme = managed(request, pk)
    found = gallery(programme)
    venues = programme.venues.order_by("pk").values_list("pk", "name")
    groups = [(name, found.of(venue)) for venue, name in ((None, "整个项目"), *venues)]
    context = {
        "programme": programme,
        "offer": offers([programme])[0],
        "may": True,
        "changeable": programme.state != ProgrammeState.CANCELLED,
        "groups": [(name, group) for name, group in groups if group],
        "number": len(found.all),
        "most": MAX_PICTURES,
        "documents": listed(programme),
        "most_documents": MAX_DOCUMENTS,
        "tab": "pictures",
    }
    return render(request, "bookings/pictures.html", context)


@require_http_methods(["GET", "POST"])
def add(request: Request, pk: int) -> HttpResponse:
    """「添加图片」."""
    programme = managed(request, pk)
    sent = request.POST if request.method == "POST" else None
    form = PictureForm(sent, files=request.FILES or None, programme=programme, too_large=too_large(request))
    if form.is_valid():
        with refused_into(form):
            picture = actions.add_picture(programme, **form.cleaned_data, by=request.user)
            cover = "，作为封面" if picture.is_cover else ""
            messages.success(request, f"已添加图片“{picture}”{cover}。")
            return redirect("bookings:pictures", programme.pk)
    return pictures_form_page(request, form, programme, title="添加图片", button="上传")


@require_http_methods(["GET", "POST"])
def edit(request: Request, pk: int) -> HttpResponse:
    """「修改说明」, and what it shows."""
    picture = _managed(request, pk)
    sent = request.POST if request.method == "POST" else None
    form = DescriptionForm(sent, programme=picture.programme, picture=picture)
    if form.is_valid():
        with refused_into(form):
            actions.describe_picture(picture, **form.cleaned_data, by=request.user)
            messages.success(request, "已保存。")
            return redirect("bookings:pictures", picture.programme_id)
    return pictures_form_page(request, form, picture.programme, title="修改图片说明", button="保存", picture=picture)


@require_POST
def move(request: Request, pk: int) -> HttpResponse:
    """「前移」, 「后移」, 「设为封面」."""
    picture = _managed(request, pk)
    to = request.POST.get("to")
    if to in Move.values:
        actions.move_picture(picture, Move(to), by=request.user)
    return redirect(f"{reverse('bookings:pictures', args=[picture.programme_id])}#picture-{picture.pk}")


@require_http_methods(["GET", "POST"])
def remove(request: Request, pk: int) -> HttpResponse:
    """「删除」, after a question."""
    picture = _managed(request, pk)
    if request.method == "POST":
        actions.remove_picture(picture, by=request.user)
        messages.success(request, f"已删除图片“{picture}”。")
        return redirect("bookings:pictures", picture.programme_id)
    warning = f"删除图片“{picture}”？删除后不能恢复，要再用就得重新上传。"
    if picture.is_cover:
        warning += "这是封面，删除后由下一张作为封面。"
    return pictures_form_page(
        request,
        Form(),
        picture.programme,
        title="删除图片",
        button="删除",
        picture=picture,
        warning=warning,
        danger=True,
    )


def _managed(request: Request, pk: int) -> Picture:
    """A picture of a programme that the user may change."""
    rows = drawable(Picture.objects.visible_to(request.user).select_related("programme"))
    picture = get_object_or_404(rows, pk=pk)
    managed(request, picture.programme_id)
    return picture


@require_GET
@cache_control(private=True, max_age=DAY, immutable=True)
def show(request: Request, key: UUID, width: int, kind: str) -> HttpResponse:
    """One size of a picture, to whoever sees the programme. It never changes and shows nobody's data: browsers keep it."""
    seen = Picture.objects.visible_to(request.user).filter(key=key)
    found = get_object_or_404(Rendition.objects.only("content"), picture__in=seen, width=width, type=kind)
    return HttpResponse(bytes(found.content), content_type=MEDIA_TYPES[RenditionType(kind)])
