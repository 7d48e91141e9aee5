"""The whole city as the demo shows it, loaded once: consistent in every count and state, and alive."""

import re
from datetime import timedelta
from statistics import median
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import connection, transaction
from django.db.models import Count, Exists, F, Max, OuterRef, Q
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.audit.models import Entry
from gonghui.audit.pages import in_words
from gonghui.cards import card_states
from gonghui.cards.applications.preflight import examine, seen
from gonghui.cards.figures import recount
from gonghui.cards.models import Application, Batch, Card, Figure, Line, Order
from gonghui.cards.states import ApplicationState, BatchState, OrderState
from gonghui.demo_data import cast, loading
from gonghui.demo_data.city.growing import TABLES, Growth
from gonghui.demo_data.city.plan import Plan
from gonghui.demo_data.loading import FAVOURED
from gonghui.demo_data.management.commands.load_demo import MEMBERS, SEED, UNIONS
from gonghui.inspections.members.check import opened_list
from gonghui.inspections.models import Confirmation, MemberList, Window
from gonghui.kit.documents import check_document, check_mobile, check_unit_code
from gonghui.members.codes import UnionPosition
from gonghui.members.fields import FIELDS
from gonghui.members.memberships import wrong_counts
from gonghui.members.models import Member, Membership, NumberRange
from gonghui.members.standings import StandingState
from gonghui.members.validation import document_key, validate_member
from gonghui.notices.models import Notice
from gonghui.reviews.actions import decide
from gonghui.reviews.hooks import KINDS
from gonghui.reviews.kinds import checks_of
from gonghui.reviews.models import Review, Step
from gonghui.transfers.models import Transfer
from gonghui.unions import union_details
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union, UnionState

pytestmark = pytest.mark.django_db

CITY = Plan(MEMBERS, UNIONS, SEED, FAVOURED)


STORY: dict[str, int] = {}
"""The last id of the story in each table."""


class AfterStory(Growth):
    """Notes where the story ends and the city begins."""

    def __init__(self, *how: Any) -> None:
        for model in TABLES:
            STORY[model._meta.label] = model._default_manager.aggregate(last=Max("pk"))["last"] or 0
        super().__init__(*how)


@pytest.fixture(scope="module", autouse=True)
def loaded(django_db_setup, django_db_blocker):
    """Loaded once for this file, and undone; the room that its rows have left is cleared for whoever comes next."""
    with django_db_blocker.unblock():
        with transaction.atomic(), pytest.MonkeyPatch.context() as patch:
            patch.setattr(loading, "Growth", AfterStory)
            assert loading.load("上海市", CITY)
            yield
            transaction.set_rollback(True)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM")


@pytest.fixture
def city():
    """The unions of the city, without those of the story."""
    return Union.objects.grassroots().filter(users__email__startswith="officer-")


def test_as_many_unions_and_members_as_were_asked_for_in_every_state(city):
    assert city.count() == UNIONS
    assert Member.objects.filter(union__in=city).count() == MEMBERS
    assert set(city.values_list("state", flat=True)) == set(UnionState.values)


NOT_IN_THE_CITY = {"Union.kind", "Union.area", "Union.code", "Batch.foreign", "Card.replaces_id"}
"""What the tree alone has; and what only the card desk's own acts lead to."""


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model._meta.label)
def test_what_varies_in_the_story_varies_in_the_city(model):
    """So no column stays at its default because nobody thought of it."""
    last, names = STORY[model._meta.label], [field.attname for field in model._meta.concrete_fields]
    counted = {name: Count(name, distinct=True) for name in names}
    story, city = (
        model._default_manager.filter(where).aggregate(**{f"n_{name}": count for name, count in counted.items()})
        for where in (Q(pk__lte=last), Q(pk__gt=last))
    )
    same = {f"{model.__name__}.{name}" for name in names if story[f"n_{name}"] > city[f"n_{name}"] <= 1}
    assert same - NOT_IN_THE_CITY == set()


def test_retained_members_hold_no_office_and_ask_for_no_card(city):
    retained = Member.objects.filter(union__in=city, standing=StandingState.RETAINED)
    assert retained.count() > 50
    assert not retained.exclude(position=UnionPosition.MEMBER).exists()
    assert not retained.filter(Exists(Application.objects.filter(member=OuterRef("pk")))).exists()


def test_every_district_and_bureau_has_unions_and_the_told_of_superiors_many(city):
    level2s = Union.objects.filter(kind__in=(UnionKind.DISTRICT, UnionKind.BUREAU))
    assert not level2s.filter(~Exists(city.filter(level2=OuterRef("pk")))).exists()
    street = Union.objects.get(code=cast.WUJIAOCHANG)
    assert Union.objects.grassroots().filter(level3=street).count() > 20


def test_most_unions_are_small_and_some_large(city):
    sizes = list(city.filter(state=UnionState.APPROVED).values_list("member_count", flat=True))
    assert 10 <= median(sizes) <= 40
    assert max(sizes) > 1_000


def test_each_union_s_count_is_its_members():
    assert wrong_counts() == []


def test_numbers_and_codes_are_right_and_the_next_ones_are_free(city):
    for union in city.filter(number__isnull=False).select_related("employer", "level2")[:100]:
        assert union.number.startswith(union.level2.code)
        assert check_unit_code(union.employer.code or union.employer.former_code)
    for level2 in Union.objects.filter(kind=UnionKind.DISTRICT):
        last = Member.objects.filter(number__startswith=level2.code).order_by("-number")[0]
        assert int(last.number[3:]) < NumberRange.objects.get(level2=level2).next


def test_members_are_as_the_form_would_have_taken_them_and_open(city):
    for member in Member.objects.filter(union__in=city).order_by("pk")[::300]:
        raw = {name: getattr(member, name) for name in FIELDS}
        values, problems = validate_member(raw, fields=FIELDS.values())
        assert problems == []
        assert values._asdict() == raw
        assert check_document(member.document_type, member.document_number)
        assert check_mobile(member.mobile) == member.mobile
        assert bytes(member.document_hash) == document_key(member.document_type, member.document_number)


def test_everybody_s_last_membership_is_the_union_of_now():
    here = Membership.objects.filter(member=OuterRef("pk"), ended_on=None)
    assert not Member.objects.filter(
        ~Exists(here), alias_of=None
    ).exists()  # of who was merged the main record has them
    assert not Member.objects.filter(Exists(here.filter(~Q(union=OuterRef("union")), union__isnull=False))).exists()
    assert not Membership.objects.filter(began_on__gte=timezone.localdate()).exists()


def test_members_joined_in_every_month_of_the_year():
    since = timezone.localdate() - timedelta(days=330)
    months = Membership.objects.filter(began_on__gte=since).values_list("began_on__year", "began_on__month").distinct()
    assert months.count() >= 11


def test_what_waits_waits_at_somebody_and_what_is_closed_at_nobody():
    awaited = Step.objects.filter(review=OuterRef("pk"), open=True)
    assert not Review.objects.filter(~Exists(awaited), state="pending").exists()
    assert not Review.objects.filter(Exists(awaited)).exclude(state="pending").exists()
    assert not Review.objects.filter(closed_at__lt=F("submitted_at")).exists()
    assert not Step.objects.filter(decided_at__lt=F("review__submitted_at")).exists()
    superiors = Step.objects.filter(open=True).values("superior").distinct().count()
    assert superiors > 30
    assert set(Review.objects.filter(state="pending").values_list("kind", flat=True)) == set(KINDS) - {"code_import"}


def test_a_union_s_state_is_that_of_its_filings(city):
    pending = Review.objects.filter(kind="filing", state="pending")
    assert set(pending.values_list("union", flat=True)) == set(
        Union.objects.filter(state=UnionState.PENDING).values_list("pk", flat=True)
    )
    for union in city.filter(state=UnionState.APPROVED).select_related("employer")[:40]:
        filed = union.reviews.filter(kind="filing").latest("pk")
        assert filed.state == "approved"
        assert union_details.differences(filed.proposed, union_details.current(union), union) == []


@pytest.mark.parametrize(
    "kind", ["filing", "amendment", "account_claim", "member_transfer", "card_batch", "correction"]
)
def test_what_waits_can_be_approved(kind):
    """The product itself agrees that all is as it must be."""
    steps = Step.objects.filter(open=True, review__kind=kind, review__union__users__email__startswith="officer-")
    for step in steps.select_related("review__union").order_by("pk")[:6]:
        assert [check.text for check in checks_of(step.review) if check.level == "bad"] == []
        with transaction.atomic():
            by = User.objects.filter(union=step.superior, roles__contains=["reviewer"]).order_by("pk")[0]
            assert decide(step.review, decision="approved", opinion="", by=by).state == "approved"
            transaction.set_rollback(True)


def test_a_relocation_waits_with_nothing_in_its_way():
    steps = Step.objects.filter(open=True, review__kind="relocation").select_related("review__union")
    assert steps.exists()
    for step in steps:
        assert [check.text for check in checks_of(step.review) if check.level == "bad"] == []


def test_cards_and_batches_stand_where_the_product_would_put_them():
    before = list(Batch.objects.order_by("pk").values_list("pk", "state"))
    held = list(Member.objects.order_by("pk").values_list("pk", "has_card"))
    figures = list(
        Figure.objects.order_by("superior", "month", "event").values_list("superior", "month", "event", "count")
    )
    with transaction.atomic():
        card_states.refresh_batch_states([pk for pk, _ in before])
        card_states.refresh_has_card([pk for pk, _ in held])
        recount()
        assert list(Batch.objects.order_by("pk").values_list("pk", "state")) == before
        assert list(Member.objects.order_by("pk").values_list("pk", "has_card")) == held
        assert figures == list(
            Figure.objects.order_by("superior", "month", "event").values_list("superior", "month", "event", "count")
        )
        transaction.set_rollback(True)
    assert set(Batch.objects.values_list("state", flat=True)) >= {
        BatchState.PENDING, BatchState.APPROVED, BatchState.MAKING, BatchState.MADE, BatchState.DONE, BatchState.RETURNED
    }  # fmt: skip


def test_cards_are_of_members_who_could_have_them():
    for application in Application.objects.select_related("member", "card").order_by("pk")[::200]:
        assert bytes(application.seen) == seen(application.member)
    waiting = Application.objects.filter(state=ApplicationState.PENDING).select_related("member", "batch")
    for batch in Batch.objects.filter(state=BatchState.PENDING)[:20]:
        members = [one.member for one in waiting.filter(batch=batch)]
        assert [one.reasons for one in examine(members, batch.purpose, asked=True).values() if not one.ok] == []
    assert len(Card.objects.order_by("pk")[50].number) == 19


def test_orders_hold_as_many_lines_as_they_say_and_one_waits_in_each_state():
    for order in Order.objects.exclude(state=OrderState.CANCELLED):
        lines = Line.objects.filter(order=order)
        assert lines.count() == order.count
        assert lines.filter(sequence__isnull=False).count() == order.sent
    assert set(Order.objects.values_list("state", flat=True)) >= {
        OrderState.READY,
        OrderState.EXPORTED,
        OrderState.DONE,
    }


def test_a_transfer_that_waits_is_of_a_member_who_is_there():
    waiting = Transfer.objects.waiting()
    assert waiting.filter(review=None, due_on__gte=timezone.localdate()).count() > 10
    assert waiting.filter(review__isnull=False).count() > 5
    assert not waiting.exclude(member__union=F("origin")).exists()
    assert not waiting.filter(review=None, due_on__lt=timezone.localdate()).exists()
    assert set(Transfer.objects.values_list("state", flat=True)) >= {"waiting", "agreed", "refused", "left"}


def test_last_year_s_inspection_is_done_and_this_year_s_under_way(city):
    for window in Window.objects.all():
        found = Confirmation.objects.filter(window=window, union__in=city)
        share = found.count() / city.filter(state=UnionState.APPROVED).count()
        assert share > 0.4 if window.is_over else 0.1 < share < 0.8
        assert not found.filter(confirmed_at__date__lt=window.begins_on).exists()
        assert not found.filter(confirmed_at__date__gt=window.last_day).exists()
    for kept in MemberList.objects.select_related("confirmation").order_by("pk")[:10]:
        assert len(opened_list(kept)) == kept.confirmation.data["total"]


CODES = re.compile(r"^(校验值|代码|版本|邮箱|约定姓名)：|^[A-Z0-9]{8,18}$")


def test_every_line_of_the_audit_reads_in_chinese_and_lies_in_the_past():
    assert not Entry.objects.filter(at__gt=timezone.now()).exists()
    for line in in_words(list(Entry.objects.filter(actor__email__startswith="officer-").select_related("actor")[::7])):
        assert re.search("[\u4e00-\u9fff]", line.words), line.entry.verb
        for said in (f"{label}：{text}" for label, text in line.facts):
            assert CODES.match(said) or not re.search("[A-Za-z_]{3,}", said), (line.entry.verb, said)


def test_whoever_has_to_decide_has_been_told():
    for step in Step.objects.filter(open=True, review__union__users__email__startswith="officer-"):
        assert Notice.objects.filter(tasks__contains=[f"review:{step.review_id}:{step.part}"], read_at=None).exists()


def test_older_requests_have_smaller_ids(city):
    for found, time in (
        (Review.objects.filter(union__in=city), "submitted_at"),
        (Batch.objects.filter(union__in=city), "created_at"),
    ):
        days = [timezone.localdate(at) for at in found.order_by("pk").values_list(time, flat=True)]
        assert days == sorted(days)


def test_every_account_that_is_told_of_signs_in_and_so_does_an_officer_of_the_city():
    superior = User.objects.filter(email__startswith="superior-").order_by("pk").values_list("email", flat=True)[0]
    for email in [*(email for email, _ in cast.TOLD), "officer-0001@demo.test", superior]:
        user = User.objects.get(email=email)
        assert user.check_password(cast.PASSWORD)
        assert user.is_active
        assert EmailAddress.objects.get(user=user).verified
