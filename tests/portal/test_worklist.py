"""What waits for a user, on the front page and in the menu (SPEC 1.6)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.timezone import localdate

from gonghui.accounts.hooks import worklist
from gonghui.accounts.models import Role, User
from gonghui.members.models import Member
from gonghui.members.states import CorrectionState
from gonghui.notices.actions import notify
from gonghui.notices.queries import UNREAD_SHOWN
from gonghui.portal.menu import entries
from gonghui.portal.worklist import Counted, menu_counts, waiting
from gonghui.reviews.models import Review
from gonghui.transfers.models import Transfer
from gonghui.transfers.overdue.actions import settle_overdue
from tests.factories import make_member, make_user
from tests.filings.stories import joint
from tests.inspections.stories import confirmed, opened
from tests.publishing.stories import opened as opened_section
from tests.states import out_of_order
from tests.transfers.stories import offered, requested

pytestmark = pytest.mark.django_db


def counted(user) -> list[Counted]:
    return waiting(user).work


def labels(user) -> dict[str, int]:
    return {line.item.label: line.count for line in counted(user)}


def test_nothing_waits_in_an_empty_city(cast):
    for user in ("officer", "reviewer", "platform_admin", "newcomer", "claimant"):
        assert counted(getattr(cast, user)) == []


def test_a_transfer_waits_for_the_union_that_is_asked_with_its_deadline(cast):
    member = make_member(cast.union)
    requested(cast, member)
    (line,) = counted(cast.officer)
    assert (line.item.label, line.count, line.due, line.overdue) == (
        "会员转出申请待审核",
        1,
        localdate() + timedelta(days=15),
        0,
    )
    assert counted(cast.neighbour_officer) == []
    Transfer.objects.update(due_on=localdate() - timedelta(days=1))
    assert [line.overdue for line in counted(cast.officer)] == [1]
    Transfer.objects.update(due_on=localdate())
    assert [line.is_due_today for line in counted(cast.officer)] == [True]


def test_what_has_fallen_to_the_superior_waits_on_its_desk_and_no_longer_with_the_union(cast):
    requested(cast, make_member(cast.union))
    Transfer.objects.update(due_on=localdate() - timedelta(days=1))
    settle_overdue()
    assert labels(cast.officer) == {}
    assert labels(cast.reviewer) == {"待审核的申请": 1}


def test_an_offer_waits_for_whoever_is_to_receive(cast):
    offered(cast, make_member(cast.union))
    assert labels(cast.neighbour_officer) == {"转入会员待接收": 1}
    assert labels(cast.officer) == {}


def test_an_open_inspection_waits_for_each_union_in_scope_until_it_confirms(cast):
    window = opened(cast, cast.district)
    assert labels(cast.officer) == {"组织年检待确认": 1}
    assert labels(cast.far_officer) == {}
    confirmed(cast, window)
    assert labels(cast.officer) == {}


def test_a_returned_correction_waits_for_the_officer(cast):
    member = make_member(cast.union)
    with out_of_order():
        Member.objects.filter(pk=member.pk).update(correction=CorrectionState.RETURNED)
    assert labels(cast.officer) == {"会员信息修改被退回": 1}
    (line,) = counted(cast.officer)
    assert line.oldest is None or line.days >= 0


def test_the_menu_adds_up_what_belongs_to_an_entry_and_says_whose_it_is(cast):
    requested(cast, make_member(cast.union))
    assert menu_counts(counted(cast.officer)) == {"transfers:list": (1, True)}
    onlooker = make_user(cast.union, Role.VIEWER)
    assert menu_counts(counted(onlooker)) == {"transfers:list": (1, False)}


def test_all_is_counted_by_one_statement(cast):
    for role in ("officer", "reviewer", "platform_admin"):
        user = getattr(cast, role)
        assert user.union.name
        with CaptureQueriesContext(connection) as queries:
            waiting(user)
        assert len(queries) == 1


def test_the_remembered_statement_is_another_when_the_user_or_the_union_has_changed(cast):
    requested(cast, make_member(cast.union))
    assert [line.item.mine for line in counted(cast.officer)] == [True]
    cast.officer.roles = [Role.VIEWER]
    assert [line.item.mine for line in counted(cast.officer)] == [False]
    opened(cast, cast.bureau)
    assert labels(cast.officer) == {"会员转出申请待审核": 1}
    cast.union.level2 = cast.bureau
    cast.officer.union = cast.union
    assert labels(cast.officer) == {"会员转出申请待审核": 1, "组织年检待确认": 1}


def test_the_bell_counts_what_is_unread_up_to_its_limit(cast):
    assert waiting(cast.officer).unread == 0
    notify([cast.officer], "示例通知", mail=False)
    assert waiting(cast.officer).unread == 1
    for number in range(UNREAD_SHOWN + 5):
        notify([cast.officer], f"示例通知 {number}", mail=False)
    assert waiting(cast.officer).unread == UNREAD_SHOWN + 1


def test_every_item_leads_to_a_page_and_stands_in_the_menu_of_whoever_sees_it(cast, client):
    joint(cast.neighbour)  # it covers employers, and loads them from workbooks
    opened_section(cast)  # without a section nothing waits in it, so no item of it shows
    for role in ("officer", "neighbour_officer", "reviewer", "district_admin", "platform_admin", "viewer"):
        user = User.objects.get(pk=getattr(cast, role).pk)
        shown = {name for _, name, _, _, may in entries(user) if may}
        client.force_login(user)
        for item in worklist(user):
            assert item.menu in shown, (role, item.label)
            assert client.get(item.url).status_code == 200, (role, item.label)


def test_the_menu_of_every_page_shows_the_count(cast, client):
    requested(cast, make_member(cast.union))
    client.force_login(cast.officer)
    page = client.get("/members/").text
    assert 'class="menu-count menu-count-mine"' in page


def test_what_waits_longer_than_five_days_is_late_on_the_street_s_front_page(cast, client):
    requested(cast, make_member(cast.union))
    Transfer.objects.update(due_on=localdate() - timedelta(days=1))
    settle_overdue()
    Review.objects.update(submitted_at=timezone.now() - timedelta(days=6))
    client.force_login(cast.reviewer)
    page = client.get("/home/").text
    assert "会员转移" in page
    assert '<dd class="late">1</dd>' in page
    assert "6 天" in page
