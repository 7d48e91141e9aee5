"""「门户管理」: the list of articles, the editor, an article with its revisions; for the editors of the sections."""

from collections.abc import Callable

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localtime, now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gonghui.accounts.request import Request
from gonghui.kit.errors import Refused
from gonghui.kit.forms import refused_into, row_id
from gonghui.kit.paging import paginate
from gonghui.publishing.articles import actions
from gonghui.publishing.articles.actions import Stale, Text
from gonghui.publishing.articles.comparing import Line, compare
from gonghui.publishing.articles.forms import (
    ArticleFilter,
    EndForm,
    MoveForm,
    NewForm,
    NewLocalForm,
    PublishForm,
    ReturnForm,
    TextForm,
    VersionForm,
    WithdrawForm,
)
from gonghui.publishing.articles.presence import arrive, editors_of
from gonghui.publishing.articles.preview import DAYS, preview_path
from gonghui.publishing.models import Article, ArticleState, Revision, Section, Shown
from gonghui.publishing.pages import editors_section, require_editor
from gonghui.publishing.placing import actions as placing
from gonghui.publishing.rules import asks_city, can_edit_part, can_publish, can_return, wrote
from gonghui.publishing.site.queries import site


@require_GET
def list_articles(request: Request) -> HttpResponse:
    """The articles that the editor sees, what was changed last first."""
    local = editors_section(request)
    filters = ArticleFilter(request.GET, of_all=local is None)
    rows = Article.objects.visible_to(request.user).select_related("head__saved_by", "local__union")
    page = paginate(
        request,
        filters.narrow(rows.defer("search", "terms", "head__body")),
        order=("-changed_at", "-id"),
        size=20,
    )
    context = {"page": page, "filters": filters, "local": local}
    return render(request, "publishing/list.html", context, status=filters.status)


@require_http_methods(["GET", "POST"])
def new(request: Request) -> HttpResponse:
    """Section and title; then the editor."""
    local = editors_section(request)
    kind, section = (NewLocalForm, Section.LOCAL) if local else (NewForm, request.GET.get("section") or Section.NEWS)
    form = kind(request.POST or None, initial={"section": section})
    if form.is_valid():
        with refused_into(form):
            values = {"section": section} | form.cleaned_data
            article = actions.create_article(**values, by=request.user)
            return redirect("publishing:edit", article.pk)
    context = {"form": form, "local": local}
    return render(request, "publishing/new.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def edit(request: Request, pk: int) -> HttpResponse:
    """The editor: saves by itself (``draft``), or by the button; a text of somebody else's is never written over."""
    article = _own_article(request, pk)
    form = TextForm(request.POST or None, article=article)
    version, differences = article.version, list[Line]()
    if request.POST.get("draft") == "auto":
        return _save_by_itself(request, article, form)
    if form.is_valid():
        with refused_into(form):
            try:
                saved = _save(request, article, form)
            except Stale as stale:
                version = stale.article.version
                differences = [line for line in compare(stale.article.head, _typed(form)) if line.differs]
                raise
            messages.success(request, f"已保存第 {saved.head.number} 版。")
            return redirect("publishing:article", pk)
    context = {
        "article": article,
        "form": form,
        "version": version,
        "differences": differences,
        "cover": form.cleaned_data.get("cover") if form.is_bound and form.is_valid() else article.head.cover,
        "others": arrive(article, request.user),
    }
    return render(
        request, "publishing/edit.html", context, status=(409 if differences else 422) if form.errors else 200
    )


@require_POST
def presence(request: Request, pk: int) -> HttpResponse:
    """Keeps one's entry among those who have the editor open; names the others."""
    return render(request, "publishing/presence.html", {"others": arrive(_own_article(request, pk), request.user)})


@require_http_methods(["GET", "POST"])
def article(request: Request, pk: int) -> HttpResponse:
    """One article: what it is, what may be done to it, its revisions. What is done is said by the button."""
    found = _article(request, pk)
    sent = request.POST.get("act", "")
    acts = _acts(request, found, sent)
    if sent in acts:
        form, act = acts[sent]
        if form.is_valid() and _done(request, form, act):
            return redirect("publishing:article", pk)
    now_set = site()
    context = {
        "article": found,
        "forms": {name: form for name, (form, _) in acts.items()},
        "revisions": found.revisions.select_related("saved_by").defer("body").order_by("-number")[:50],
        "may_edit": can_edit_part(request.user, found),
        "may_publish": can_publish(request.user, found, now_set),
        "may_return": found.submitted_at and can_return(request.user, found) and not wrote(request.user, found),
        "asks_city": asks_city(found),
        "is_public": found.shown == Shown.PUBLISHED and not found.is_hidden,
        "is_published": found.state == ArticleState.PUBLISHED,
        "has_news": found.state != ArticleState.PUBLISHED or found.is_changed,
        "editors": editors_of(found),
        "preview": request.build_absolute_uri(preview_path(found.head)),
        "preview_days": DAYS,
        "address": settings.ENVIRONMENT.base_url + found.get_absolute_url(),
    }
    return render(request, "publishing/article.html", context, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
def revision(request: Request, pk: int, number: int) -> HttpResponse:
    """A revision side by side with the newest, and the button that restores it."""
    found = _article(request, pk)
    one = get_object_or_404(found.revisions.select_related("saved_by", "cover"), number=number)
    form = VersionForm(request.POST if request.method == "POST" else None, article=found)
    if form.is_valid():
        restored = actions.restore_revision(one, version=form.cleaned_data["version"], by=request.user)
        messages.success(request, f"已按第 {number} 版的内容保存为第 {restored.head.number} 版，没有发布。")
        return redirect("publishing:article", pk)
    other = _other(request, found, one)
    context = {
        "article": found,
        "revision": one,
        "other": other,
        "lines": compare(one, other),
        "form": form,
        "may_restore": one.pk != found.head_id and can_edit_part(request.user, found),
    }
    return render(request, "publishing/revision.html", context, status=422 if form.errors else 200)


def _other(request: Request, article: Article, one: Revision) -> Revision:
    """With what it is compared: the newest, or the one before it where it is the newest itself."""
    if one.pk != article.head_id:
        return article.head
    earlier = article.revisions.select_related("saved_by", "cover").filter(number__lt=one.number)
    return earlier.order_by("-number").first() or one


def _article(request: Request, pk: int) -> Article:
    require_editor(request)
    rows = Article.objects.visible_to(request.user).select_related(
        "local__union", "head__saved_by", "head__cover", "live", "submitted_by", "published_by"
    )
    return get_object_or_404(rows.defer("search", "terms"), pk=pk)


def _own_article(request: Request, pk: int) -> Article:
    """One that the editor may write: what the city sees of others it does not edit."""
    found = _article(request, pk)
    if not can_edit_part(request.user, found):
        raise Http404
    return found


def _typed(form: TextForm) -> Text:
    return Text(**form.values())


def _save(request: Request, article: Article, form: TextForm, *, automatic: bool = False) -> Article:
    version = row_id(request.POST.get("version", "")) or 0
    return actions.save_text(article, _typed(form), version=version, automatic=automatic, by=request.user)


def _save_by_itself(request: Request, article: Article, form: TextForm) -> JsonResponse:
    """For static/unsaved.js. What cannot be saved is told, and stays on the page."""
    if not form.is_valid():
        said = " ".join(str(error) for errors in form.errors.values() for error in errors)
        return JsonResponse({"refused": f"没有自动保存：{said}"}, status=422)
    try:
        saved = _save(request, article, form, automatic=True)
    except Refused as refused:
        status = 409 if isinstance(refused, Stale) else 422
        return JsonResponse({"refused": f"没有自动保存：{refused.sentence}"}, status=status)
    arrive(article, request.user)
    return JsonResponse({"saved": f"{localtime(now()):%H:%M:%S}", "version": saved.version})


Act = tuple[forms.Form, Callable[[], str]]


def _acts(request: Request, found: Article, sent: str) -> dict[str, Act]:
    """What may be sent from the page of an article: the form of each button and what it does."""

    def bound(kind: type[VersionForm], name: str) -> VersionForm:
        return kind(request.POST if sent == name else None, article=found, auto_id=f"{name}-%s")

    by = request.user
    publish, end, move = bound(PublishForm, "publish"), bound(EndForm, "end"), bound(MoveForm, "move")
    withdraw, back = bound(WithdrawForm, "withdraw"), bound(ReturnForm, "return")
    plain = bound(VersionForm, sent or "submit")

    def do(action: Callable[..., Article], form: forms.Form, words: str) -> Callable[[], str]:
        def act() -> str:
            action(found, by=by, **form.cleaned_data)
            return words

        return act

    def published() -> str:
        saved = actions.publish_article(found, by=by, **publish.cleaned_data)
        if saved.shown == Shown.SCHEDULED and saved.published_at:
            return f"将于 {localtime(saved.published_at):%Y-%m-%d %H:%M} 自动发布。"
        return "已发布，公众现在可以看到。"

    def without_version(action: Callable[..., Article], words: str) -> Callable[[], str]:
        def act() -> str:
            action(found, by=by)
            return words

        return act

    return {
        "submit": (plain, do(actions.submit_article, plain, f"已提交复核，并已通知{_whom_asked(found)}。")),
        "return": (back, do(actions.return_article, back, "已退回，并已通知提交人。")),
        "publish": (publish, published),
        "withdraw": (withdraw, do(actions.withdraw_article, withdraw, "已撤下，原网址显示“已撤下”。")),
        "end": (end, do(actions.end_article, end, "已保存撤下时间。")),
        "move": (move, do(placing.move_article, move, "已修改，原来的网址会自动转到新的网址。")),
        "pin": (plain, without_version(placing.pin_article, "已置顶。")),
        "unpin": (plain, without_version(placing.unpin_article, "已取消置顶。")),
        "feature": (plain, without_version(placing.feature_article, "已加入首页轮播。")),
        "unfeature": (plain, without_version(placing.unfeature_article, "已移出首页轮播。")),
    }


def _whom_asked(article: Article) -> str:
    return "市总工会的管理员" if asks_city(article) else "其他管理员"


def _done(request: Request, form: forms.Form, act: Callable[[], str]) -> bool:
    """Whether the act took place; a refusal is told at its field, or on the page as it is now."""
    try:
        messages.success(request, act())
    except Refused as refusal:
        if refusal.field not in form.fields:
            raise
        form.add_error(refusal.field, refusal.sentence)
        return False
    return True
