"""A superior union drafts, sends and recalls a circular (SPEC 5.4)."""

from datetime import timedelta

import pytest
from django.utils.timezone import localdate

from gonghui.audit.models import Entry
from gonghui.circulars import actions
from gonghui.circulars.actions import Text
from gonghui.circulars.models import Circular, CircularState, Depth, Receipt
from gonghui.circulars.receipts.actions import confirm, mark_read
from gonghui.kit.errors import Refused
from gonghui.notices.models import Mail, Notice
from tests.circulars.stories import WORDS, delivered, drafted, receipt, sent
from tests.factories import live

pytestmark = pytest.mark.django_db


def reached(circular: Circular) -> set:
    return {one.union for one in Receipt.objects.filter(circular=circular).select_related("union")}


def test_a_circular_reaches_every_level_down_to_its_depth_and_nobody_else(cast):
    assert reached(sent(cast)) == {cast.street, cast.other_street, cast.union, cast.neighbour}
    assert reached(sent(cast, depth=Depth.LEVEL3)) == {cast.street, cast.other_street}
    city = {"publisher": cast.city, "by": cast.platform_admin}
    assert reached(sent(cast, depth=Depth.LEVEL2, **city)) == {cast.district, cast.bureau}
    assert cast.far in reached(sent(cast, **city))


def test_a_circular_may_be_limited_to_some_branches(cast):
    assert reached(sent(cast, branches=[cast.street.pk])) == {cast.street, cast.union}
    by_city = sent(cast, cast.city, cast.platform_admin, branches=[cast.bureau.pk])
    assert reached(by_city) == {cast.bureau, cast.company, cast.far}


def test_those_who_get_it_are_notified_and_it_waits_for_them(cast):
    circular = sent(cast, confirm=True, due_on=localdate() + timedelta(days=3))
    notice = Notice.objects.get(user=cast.officer)
    assert notice.title.startswith("杨浦区总工会发来通知《关于开展夏送清凉的通知》，请在 ")
    assert notice.kind == "circular"
    assert Mail.objects.filter(to=cast.officer.email).count() == 1
    assert live(circular).total == 4
    assert Entry.objects.get(verb="circular.sent").data["count"] == 4


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": "字"}, "title"),
        ({"title": "长" * 81}, "title"),
        ({"body": "  "}, "body"),
        ({"body": "长" * 5_001}, "body"),
        ({"depth": Depth.LEVEL2}, "depth"),  # a district has none of that level below it
        ({"depth": 7}, "depth"),
        ({"due_on": localdate() + timedelta(days=1)}, "due_on"),  # nobody has to confirm
        ({"confirm": True, "due_on": localdate() - timedelta(days=1)}, "due_on"),
    ],
)
def test_a_wrong_draft_is_refused_at_its_field(cast, wrong, field):
    with pytest.raises(Refused) as refusal:
        drafted(cast, **wrong)
    assert refusal.value.field == field
    assert not Circular.objects.exists()


def test_another_unions_branch_is_refused(cast):
    with pytest.raises(Refused, match="只能发给本工会直接管辖的工会"):
        drafted(cast, branches=[cast.company.pk])


@pytest.mark.parametrize("who", ["reviewer", "viewer", "officer", "bureau_admin"])
def test_only_an_administrator_of_the_union_drafts_and_sends(cast, who):
    with pytest.raises(Refused, match="只有上级工会的管理员可以发送工作通知"):
        drafted(cast, by=cast.viewer if who == "viewer" else getattr(cast, who))
    draft = drafted(cast)
    with pytest.raises(Refused, match="只有发送通知的工会的管理员可以办理"):
        actions.send(draft, version=draft.version, by=getattr(cast, who))
    assert live(draft).state == CircularState.DRAFT


def test_a_draft_is_sent_once_and_not_changed_afterwards(cast):
    draft = drafted(cast)
    actions.send(draft, version=draft.version, by=cast.district_admin)
    with pytest.raises(Refused, match="已由区总管理员发送，不能再修改"):
        actions.send(draft, version=draft.version, by=cast.district_admin)
    with pytest.raises(Refused, match="已由区总管理员发送，不能再修改"):
        actions.save_draft(cast.district, Text(**WORDS), draft=draft, version=draft.version, by=cast.district_admin)
    assert draft.deliveries.count() == 1


def test_of_two_who_edit_a_draft_the_second_is_told(cast):
    draft = drafted(cast)
    save = {"draft": draft, "version": draft.version, "by": cast.district_admin}
    actions.save_draft(cast.district, Text(**WORDS | {"title": "第一次修改"}), **save)
    with pytest.raises(Refused, match="您打开页面之后，区总管理员修改了这份草稿"):
        actions.save_draft(cast.district, Text(**WORDS | {"title": "第二次修改"}), **save)
    with pytest.raises(Refused, match="您打开页面之后"):
        actions.send(draft, version=1, by=cast.district_admin)
    assert live(draft).title == "第一次修改"


def test_a_discarded_draft_is_not_sent(cast):
    draft = drafted(cast)
    actions.discard(draft, version=1, by=cast.district_admin)
    with pytest.raises(Refused, match="这份草稿已作废"):
        actions.send(draft, version=1, by=cast.district_admin)


def test_a_circular_for_nobody_is_not_sent(cast):
    Circular.objects.all().delete()
    draft = drafted(cast, cast.bureau, cast.bureau_admin, depth=Depth.LEVEL3)
    type(cast.company).objects.filter(pk=cast.company.pk).update(kind="company", superior=cast.bureau)
    type(cast.far).objects.filter(pk=cast.far.pk).update(state="dissolved")
    type(cast.company).objects.filter(pk=cast.company.pk).update(state="dissolved")
    with pytest.raises(Refused, match="没有可以接收的工会"):
        actions.send(draft, version=1, by=cast.bureau_admin)


def test_a_deadline_that_has_passed_since_the_draft_is_refused(cast):
    draft = drafted(cast, confirm=True, due_on=localdate())
    Circular.objects.update(due_on=localdate() - timedelta(days=1))
    with pytest.raises(Refused, match="签收截止日期已经过去"):
        actions.send(draft, version=1, by=cast.district_admin)


def test_a_recalled_circular_asks_nobody_any_more(cast):
    circular = sent(cast, confirm=True)
    actions.recall(circular, reason="日期写错，另行通知", by=cast.district_admin)
    delivered(circular)
    assert not Receipt.objects.filter(open=True).exists()
    assert not Notice.objects.filter(kind="circular", read_at=None).exists()
    with pytest.raises(Refused, match="已经收回，不需要签收"):
        confirm(circular, by=cast.officer)
    mark_read(receipt(circular, cast.union), by=cast.officer)
    assert receipt(circular, cast.union).read_at is None, "nobody reads what is not shown"
    with pytest.raises(Refused, match="已经收回"):
        actions.recall(circular, reason="再一次", by=cast.district_admin)


@pytest.mark.parametrize("reason", ["", "  ", "长" * 201])
def test_a_recall_wants_a_reason(cast, reason):
    circular = sent(cast)
    with pytest.raises(Refused, match="请填写收回的原因"):
        actions.recall(circular, reason=reason, by=cast.district_admin)
    assert live(circular).state == CircularState.SENT


def test_a_draft_is_not_recalled(cast):
    with pytest.raises(Refused, match="还没有发送"):
        actions.recall(drafted(cast), reason="不要了", by=cast.district_admin)
