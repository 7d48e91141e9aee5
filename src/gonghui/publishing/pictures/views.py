"""Uploads of the editor, and the pictures as everybody gets them."""

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET, require_POST

from gonghui.accounts.request import Request
from gonghui.kit.errors import Refused
from gonghui.kit.pictures import MEDIA_TYPES, USUAL_WIDTH, RenditionType
from gonghui.kit.sanitizing.encoding import TOO_LARGE
from gonghui.kit.uploads import too_large
from gonghui.publishing.models import Rendition
from gonghui.publishing.pages import require_editor
from gonghui.publishing.pictures.actions import add_picture

YEAR = 365 * 86_400


@never_cache
@require_POST
def add(request: Request) -> JsonResponse:
    """Adds a picture that was chosen or pasted; answers its address and size, or why not (static/editor.js)."""
    require_editor(request)
    if too_large(request):
        return JsonResponse({"refused": TOO_LARGE}, status=422)
    file = request.FILES.get("picture")
    if file is None:
        return JsonResponse({"refused": "请先选择图片，再上传。"}, status=422)
    try:
        picture = add_picture(file, alt=request.POST.get("alt", ""), by=request.user)
    except Refused as refused:
        return JsonResponse({"refused": refused.sentence, "field": refused.field}, status=422)
    widths = sorted(set(picture.renditions.values_list("width", flat=True)))
    width = max([one for one in widths if one <= USUAL_WIDTH] or widths)
    src = f"/pictures/{picture.key}/{width}.webp"
    return JsonResponse({"key": str(picture.key), "src": src, "alt": picture.alt})


@login_not_required
@require_GET
@cache_control(public=True, max_age=YEAR, immutable=True)
def show(request: HttpRequest, key: UUID, width: int, kind: str) -> HttpResponse:
    """One size of a picture: it never changes."""
    found = get_object_or_404(Rendition.objects.only("content"), picture__key=key, width=width, type=kind)
    return HttpResponse(bytes(found.content), content_type=MEDIA_TYPES[RenditionType(kind)])
