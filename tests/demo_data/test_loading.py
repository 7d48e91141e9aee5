"""The demo's data is whole: as if its people had made it themselves, in the past."""

import re
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from gonghui.accounts.models import Role, User
from gonghui.audit.models import Entry
from gonghui.audit.pages import in_words
from gonghui.demo_data import cast
from gonghui.demo_data.loading import load
from gonghui.duplicates.models import Merge, Pair
from gonghui.filings.filing.form import FilingForm
from gonghui.filings.models import Dissolution, Filing
from gonghui.inspections.models import Confirmation, Window
from gonghui.inspections.queries import unconfirmed
from gonghui.kit.documents import check_document
from gonghui.members.models import Member, Membership
from gonghui.notices.models import Notice
from gonghui.publishing.models import Article
from gonghui.reviews.models import Review
from gonghui.unions import union_details
from gonghui.unions.models import RegisteredEmployer, Union, UnionState

pytestmark = [pytest.mark.django_db]


@pytest.fixture(scope="module", autouse=True)
def loaded(django_db_setup, django_db_blocker):
    """Loaded once for this file, and undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        assert load("上海市")
        yield
        transaction.set_rollback(True)


def test_a_second_load_changes_nothing():
    before = Entry.objects.count()
    assert not load("上海市")
    assert Entry.objects.count() == before


def test_every_role_of_the_product_has_an_account_that_is_told_of():
    users = User.objects.filter(email__in=[email for email, _ in cast.TOLD])
    assert len(users) == len(cast.TOLD)
    assert {role for user in users for role in user.roles} == set(Role.values)
    assert {user.union.level for user in users if user.union} == {1, 2, 3, 4}
    assert [user.email for user in users if user.union is None] == [cast.CLINIC.email]


def test_forty_unions_in_every_state():
    assert set(Union.objects.grassroots().values_list("state", flat=True)) == set(UnionState.values)
    assert Union.objects.grassroots().count() == len(cast.STORIES)


def test_union_a_has_the_manual_s_1535_members_with_rare_names_and_foreigners_among_them():
    union = Union.objects.get(users__email=cast.UNION_A.email)
    members = Member.objects.filter(union=union)
    assert union.member_count == members.count() == 1535
    assert "1,535 名会员" in dict(cast.TOLD)[cast.UNION_A.email]
    assert members.filter(document_type="passport").count() > 30
    assert members.filter(name__contains="·").exists()
    assert members.filter(name__in=("万俟喆", "张𬱖")).exists()
    assert all(number.startswith("010") for number in members.values_list("number", flat=True))


def test_each_union_s_count_is_its_members():
    for union in Union.objects.grassroots():
        assert union.member_count == union.members.count()


def test_documents_are_valid_and_of_shanghai():
    for member in Member.objects.all()[::20]:
        document = check_document(member.document_type, member.document_number)
        assert document.doc_type != "resident_id" or document.number.startswith("31")


def test_every_filing_that_was_submitted_would_pass_the_form():
    filings = Filing.objects.filter(review__isnull=False).select_related("superior")
    assert filings.count() > 30
    for filing in filings:
        values = union_details.unpack(filing.values, filing.union)
        values |= {"merged": str(values["merged"]).lower(), "level2": filing.superior.superior_id}
        form = FilingForm(values, entrance=filing.entrance)
        assert form.is_valid(), form.errors


def test_pending_filings_of_wujiaochang_wait_for_one_to_twenty_days():
    pending = Review.objects.filter(kind="filing", state="pending", steps__superior__code=cast.WUJIAOCHANG)
    days = [(timezone.localdate() - timezone.localdate(review.submitted_at)).days for review in pending]
    assert (min(days), max(days)) == (1, 20)


def test_what_was_returned_has_an_opinion_and_what_was_approved_a_number():
    for union in Union.objects.filter(state=UnionState.RETURNED):
        assert union.reviews.get().steps.get().opinion
    for union in Union.objects.grassroots().filter(state=UnionState.APPROVED):
        assert union.number
        assert union.reviews.filter(kind="filing").latest("pk").steps.get().reviewer


def test_everything_happened_in_the_past_in_its_order():
    on_the_day = Q(verb="account.privacy_accepted") | Q(
        verb__startswith="yearbook."
    )  # of the demo: figures are closed last
    story = Entry.objects.exclude(on_the_day)
    assert story.filter(at__date=timezone.localdate()).count() == 1  # the newcomer
    times = list(story.order_by("pk").values_list("at", flat=True))
    assert times == sorted(times)
    assert not Review.objects.filter(closed_at__lt=timezone.now() - timedelta(days=700)).exists()
    for review in Review.objects.filter(closed_at__isnull=False):
        assert review.submitted_at < review.closed_at
    assert not Membership.objects.filter(began_on__gte=timezone.localdate()).exists()


def test_a_newcomer_s_form_comes_filled_in_from_the_register():
    newcomer = User.objects.get(email=cast.NEWCOMER.email)
    known = newcomer.union.employer.registered
    assert known.code
    assert known.street.area == "五角场街道"
    assert RegisteredEmployer.objects.count() == cast.REGISTERED - sum(not story.in_register for story in cast.STORIES)


def test_an_amendment_and_a_relocation_wait_and_two_unions_have_ended():
    assert set(Review.objects.filter(state="pending").values_list("kind", flat=True)) >= {"amendment", "relocation"}
    ends = Dissolution.objects.order_by("dissolved_at")
    assert [bool(end.restorable_days) for end in ends] == [False, True]
    stays = Membership.objects.filter(ended_act=ends[1].act)
    assert {stay.ended_on for stay in stays} == {timezone.localdate(ends[1].dissolved_at)}


def test_a_claim_waits_at_wujiaochang():
    claim = Review.objects.get(kind="account_claim")
    assert claim.state == "pending"
    assert claim.steps.get().superior.code == cast.WUJIAOCHANG


def test_look_alikes_wait_at_a_union_and_at_the_district_and_one_of_them_for_a_consent():
    pairs = Pair.objects.select_related("owner").order_by("pk")
    assert [(pair.reason, pair.state, pair.owner.level) for pair in pairs] == [
        ("papers", "pending", 4),
        ("same", "merged", 4),
        ("same", "pending", 2),
        ("same", "waiting", 3),
    ]
    merge = Merge.objects.get(state="waiting")
    assert merge.releasing.users.get().email == cast.OTHER_JOINT.email
    assert Merge.objects.get(state="done").undo_until > timezone.localdate()


def test_there_is_news_and_there_are_notices_read_and_unread():
    assert Article.objects.public().count() >= 12
    assert Article.objects.public().filter(featured=True).count() == 4
    assert Notice.objects.filter(read_at=None).exists()
    assert Notice.objects.exclude(read_at=None).exists()


def test_an_inspection_is_open_one_is_over_and_union_a_can_still_confirm():
    now, before = Window.objects.filter(subject="organisations").order_by("-year")
    members = Window.objects.get(subject="members")
    assert members.is_open
    assert 0 < members.confirmations.count() < 15
    assert (now.state, before.state) == ("open", "closed")
    assert before.year == now.year - 1
    assert 0 < now.confirmations.count() < 15
    assert before.confirmations.count() >= 3
    for email, done in [(cast.UNION_A.email, [before]), (cast.UNION_C.email, [before])]:
        union = Union.objects.get(users__email=email)
        assert [one.window for one in union.confirmations.all()][: len(done)] == done
    assert unconfirmed(Union.objects.get(users__email=cast.UNION_A.email)) == now
    assert not now.mailings.filter(ended_at=None).exists()
    for confirmation in Confirmation.objects.select_related("window"):
        assert (
            confirmation.window.begins_on
            <= timezone.localdate(confirmation.confirmed_at)
            <= confirmation.window.deadline
        )


CODES = re.compile(r"^(校验值|网址|代码|版本|邮箱|约定姓名)：|^[A-Z0-9]{8,18}$")


def test_every_line_of_the_audit_reads_in_chinese():
    """Whatever the whole story has recorded, key by key and value by value; but codes, checksums, addresses and masked e-mails."""
    lines = in_words(list(Entry.objects.select_related("actor")))
    assert len({line.entry.verb for line in lines}) > 30
    for line in lines:
        assert re.search("[\u4e00-\u9fff]", line.words), line.entry.verb
        for said in (f"{label}：{text}" for label, text in line.facts):
            assert CODES.match(said) or not re.search("[A-Za-z_]{3,}", said), (line.entry.verb, said)
        for change in line.changes:
            assert " → " in change
    assert any(line.changes for line in lines if line.entry.verb == "member.edited") or not any(
        line.entry.verb == "member.edited" for line in lines
    )


def test_no_notice_has_a_stray_space_between_two_chinese_words():
    titles = list(Notice.objects.values_list("title", flat=True).distinct())
    assert len(titles) > 20
    for title in titles:
        assert not re.search("[\u4e00-\u9fff] [\u4e00-\u9fff]", title), title
