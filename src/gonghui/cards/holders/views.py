"""「会员卡」: the cards, one card's history, 挂失, 补办 and 注销; for superiors the month's figures and overdue batches."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gonghui.accounts.request import Request
from gonghui.cards import queries
from gonghui.cards.applications import actions
from gonghui.cards.applications.preflight import examine
from gonghui.cards.applications.views import context_of, submitted, union_of
from gonghui.cards.forms import CardFilter, ReportForm
from gonghui.cards.holders.lists import listed_cards
from gonghui.cards.models import Card
from gonghui.cards.rules import can_apply, can_see_ledger
from gonghui.cards.states import BatchState, CardState, Event, Purpose
from gonghui.kit.choices import Some
from gonghui.kit.forms import StateFilter, refused_into, row_ids
from gonghui.kit.paging import paginate
from gonghui.members.models import Member
from gonghui.members.queries import WRONG, Filters, countable
from gonghui.members.rules import can_reveal_members

CONSEQUENCES = Some(
    {
        Purpose.LOSS: "提交后平台立即把卡记为“已挂失”，并随批次交制卡方冻结。卡找回来的，在汇总制卡之前可以撤回。",
        Purpose.REPLACEMENT: "新卡制成时旧卡同时作废。资料要符合办卡条件，一天只能添加一个补办批次。",
        Purpose.CANCELLATION: "制卡方办结后卡作废，“已办会员卡”变为“否”，以后可以重新申请办卡。",
    },
    others="A first card is asked for by 「添加办卡会员」, not reported of a card that is there.",
)
REPORTS = tuple(purpose for purpose, _ in CONSEQUENCES.items())


@never_cache
@require_http_methods(["GET", "POST"])
def holders(request: Request) -> HttpResponse:
    """The list of cards; a superior searches for members first."""
    union = union_of(request)
    form = CardFilter(request.POST or None)
    if form.is_valid():
        return redirect(form.filters().address(request))
    if request.method == "POST":
        filters = WRONG
    else:
        filters = Filters.read(request.GET.get("q", ""), request.user)
        form = CardFilter(initial={"name": filters.name, "number": filters.number})
    states = StateFilter(request.GET, CardState.choices)
    listed = listed_cards(request.user, filters, card_number=filters.document)
    page = None
    if listed:
        page = paginate(
            request,
            states.narrow(listed.cards).select_related("member__union"),
            order=("-id",),
            at_least=None if states.chosen else listed.at_least,
            countable=countable(filters, one_union=union.is_grassroots),
        )
    context = context_of(
        request,
        tab="holders",
        page=page,
        filters=filters,
        form=form,
        state=states.chosen,
        wrong=states if states.errors else filters if filters.wrong else None,
        states=CardState.choices,
        superior=not union.is_grassroots,
        may=can_apply(request.user, union),
        reports=[(purpose.value, purpose.label) for purpose in REPORTS],
    )
    return render(request, "cards/holders.html", context, status=422 if context["wrong"] else 200)


@never_cache
@require_POST
def report(request: Request) -> HttpResponse:
    """挂失, 补办, 注销 of the ticked cards: shows them again and asks for the reason, then submits a batch."""
    union = union_of(request)
    if not union.is_grassroots:
        raise Http404
    if not can_apply(request.user, union):
        raise PermissionDenied
    purpose = request.POST.get("purpose", "")
    if purpose not in REPORTS:
        raise Http404
    ids = row_ids(request.POST.getlist("member"))[: actions.MAX_BATCH_MEMBERS + 1]
    members = list(Member.objects.visible_to(request.user).filter(pk__in=ids).order_by("pk"))
    if not members:
        messages.warning(request, f"请先勾选要{Purpose(purpose).label}的会员卡。")
        return redirect("cards:holders")
    form = ReportForm(request.POST if "reason" in request.POST else None)
    if form.is_valid():
        with refused_into(form):
            batches = actions.submit_batches(
                union, ids, purpose=purpose, reason=form.cleaned_data["reason"], by=request.user
            )
            return submitted(request, batches)
    checked = examine(members[:50], purpose)
    context = {
        "form": form,
        "rows": list(checked.values()),
        "ids": [member.pk for member in members],
        "purpose": Purpose(purpose),
        "consequence": CONSEQUENCES.get(Purpose(purpose), ""),
        "bad": sum(not result.ok for result in checked.values()),
    }
    return render(request, "cards/report.html", context, status=422 if form.errors else 200)


@never_cache
@require_GET
def card(request: Request, pk: int) -> HttpResponse:
    """One card with its history: each event with user and time."""
    return _card_page(request, _card(request, pk))


@never_cache
@require_POST
def reveal(request: Request, pk: int) -> HttpResponse:
    """The same page with the full number, once; the access is recorded."""
    card = _card(request, pk)
    return _card_page(request, card, shown=actions.reveal_card(card, by=request.user))


def _card(request: Request, pk: int) -> Card:
    union_of(request)
    rows = Card.objects.visible_to(request.user).select_related("member__union", "issued_by", "replaces")
    return get_object_or_404(rows, pk=pk)


def _card_page(request: Request, card: Card, *, shown: str = "") -> HttpResponse:
    union = union_of(request)
    live = card.state in (CardState.MADE, CardState.ISSUED, CardState.LOST)
    context = context_of(
        request,
        card=card,
        shown=shown,
        life=queries.life_of(card),
        successor=Card.objects.filter(replaces=card).first(),
        can_reveal=can_reveal_members(request.user),
        reports=[
            (purpose.value, purpose.label)
            for purpose in REPORTS
            if live and not (purpose == Purpose.LOSS and card.state == CardState.LOST)
        ]
        if can_apply(request.user, union)
        else [],
        superior=not union.is_grassroots,
    )
    return render(request, "cards/card.html", context)


@never_cache
@require_GET
def ledger(request: Request) -> HttpResponse:
    """The month's figures, and the overdue batches, of all unions below."""
    union_of(request)
    if not can_see_ledger(request.user):
        raise Http404
    overdue = queries.overdue_counts(request.user)
    filters = StateFilter(request.GET, [(code, words) for code, words, *_ in overdue])
    page = paginate(request, filters.narrow(queries.stuck(request.user)), order=("moved_at", "id"), size=20)
    figures = queries.figures(request.user)
    by_event = [[row[event] for _, row in figures] for event in Event.values]
    context = context_of(
        request,
        tab="ledger",
        months=[
            (month, [(row[event], most) for event, most in zip(Event.values, map(max, by_event), strict=True)])
            for month, row in figures
        ],
        totals=[sum(counts) for counts in by_event],
        trends=[counts[::-1] for counts in by_event],
        events=Event.labels,
        overdue=overdue,
        labels=dict(BatchState.choices),
        page=page,
        rows=[
            (batch, queries.days_in_state(batch), queries.is_stuck(batch), queries.waits_for(batch))
            for batch in page.rows
        ],
        state=filters.chosen,
        filters=filters,
    )
    return render(request, "cards/ledger.html", context, status=filters.status)
