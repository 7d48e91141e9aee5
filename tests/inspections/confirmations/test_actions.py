"""Windows, confirmations, re-opening: who may, when, once (SPEC 2.6)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from gonghui.accounts.models import Role, User
from gonghui.audit.models import Entry
from gonghui.inspections.confirmations.actions import confirm_inspection, reopen_confirmation, version_of
from gonghui.inspections.models import Confirmation, Scope, Window, WindowState
from gonghui.inspections.queries import open_window as open_window_of
from gonghui.inspections.windows.actions import close_window, extend_window, open_window
from gonghui.kit.errors import Refused
from gonghui.kit.sealing import purpose
from gonghui.notices.models import Mail, Notice
from gonghui.reviews.models import Review
from gonghui.unions import union_details
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union
from tests.factories import make_union, make_user
from tests.inspections.stories import confirmed, day, filled_in, opened
from tests.states import put

pytestmark = pytest.mark.django_db

NOT_CITY_ADMINS = ["district_admin", "reviewer", "viewer", "bureau_admin", "officer", "claimant"]


# Windows


def test_a_window_of_the_whole_city_reaches_every_union_and_is_recorded(cast):
    window = opened(cast)
    assert (window.state, window.scope_label, window.level2_ids) == (WindowState.OPEN, "全市", None)
    for union in (cast.union, cast.neighbour, cast.far):
        assert open_window_of(union) == window
    entry = Entry.objects.get(verb="inspection.opened", actor=cast.platform_admin)
    assert entry.data["scope"] == "全市"


def test_a_window_of_one_district_reaches_its_unions_alone(cast):
    window = opened(cast, cast.district)
    assert open_window_of(cast.union) == window
    assert open_window_of(cast.far) is None
    people = {who: User.objects.get(pk=getattr(cast, who).pk) for who in NOT_CITY_ADMINS}  # with the tree's triggers
    visible = {who: window in Window.objects.visible_to(person) for who, person in people.items()}
    assert visible == {
        "district_admin": True, "reviewer": True, "viewer": True, "officer": True, "bureau_admin": False, "claimant": False
    }  # fmt: skip


@pytest.mark.parametrize("who", NOT_CITY_ADMINS)
def test_only_platform_administrators_open_extend_and_close(cast, who):
    by, window = getattr(cast, who), opened(cast)
    with pytest.raises(Refused, match="平台管理员"):
        open_window(year=2027, begins_on=day(40), deadline=day(50), by=by)
    with pytest.raises(Refused, match="平台管理员"):
        extend_window(window, deadline=day(40), reason="疫情", by=by)
    with pytest.raises(Refused, match="平台管理员"):
        close_window(window, reason="调整", by=by)
    assert Window.objects.get().state == WindowState.OPEN


def test_an_administrator_who_lost_the_role_meanwhile_opens_nothing(cast):
    type(cast.platform_admin).objects.filter(pk=cast.platform_admin.pk).update(roles=[Role.VIEWER])
    with pytest.raises(Refused, match="平台管理员"):
        opened(cast)


@pytest.mark.parametrize(
    ("begins", "deadline", "sentence"), [(3, 2, "不能早于开始日期"), (-9, -1, "已经过去"), (0, 400, "最长 366 天")]
)
def test_dates_that_make_no_sense_are_refused(cast, begins, deadline, sentence):
    with pytest.raises(Refused, match=sentence):
        opened(cast, begins=begins, deadline=deadline)
    assert not Window.objects.exists()


def test_no_union_has_two_windows_on_one_day(cast):
    opened(cast, cast.district)
    for level2s in [(), (cast.district,), (cast.bureau, cast.district)]:
        with pytest.raises(Refused, match="已有年检"):
            opened(cast, *level2s, begins=25, deadline=30)
    assert opened(cast, cast.bureau).state == WindowState.OPEN
    assert opened(cast, begins=26, deadline=30).state == WindowState.PLANNED
    assert Scope.objects.count() == 3


def test_the_database_itself_refuses_a_second_window(cast):
    """Whatever an action may overlook: the whole city's range meets every district's."""
    window = opened(cast)
    during = Scope.objects.get().during
    with pytest.raises(IntegrityError, match="one_window_at_a_time"), transaction.atomic():
        Scope.objects.create(window=window, level2=cast.district, subject=window.subject, during=during)


def test_an_extended_window_may_not_run_into_the_next_one(cast):
    window = opened(cast, deadline=5)
    opened(cast, begins=10, deadline=20)
    with pytest.raises(Refused, match="已有年检"):
        extend_window(window, deadline=day(10), reason="延长", by=cast.platform_admin)
    assert extend_window(window, deadline=day(9), reason="延长", by=cast.platform_admin).deadline == day(9)
    assert Entry.objects.get(verb="inspection.extended").data["reason"] == "延长"


def test_a_deadline_moves_later_only_and_with_a_reason(cast):
    window = opened(cast)
    for deadline in (day(25), day(3)):
        with pytest.raises(Refused, match="晚于现在的截止日期"):
            extend_window(window, deadline=deadline, reason="延长", by=cast.platform_admin)
    with pytest.raises(Refused, match="请填写原因"):
        extend_window(window, deadline=day(30), reason="  ", by=cast.platform_admin)


def test_what_is_past_can_be_extended_but_not_what_was_closed(cast):
    window = opened(cast)
    Window.objects.filter(pk=window.pk).update(begins_on=day(-30), deadline=day(-1))
    assert extend_window(window, deadline=day(5), reason="补办", by=cast.platform_admin).state == WindowState.OPEN
    close_window(window, reason="调整", by=cast.platform_admin)
    with pytest.raises(Refused, match=r"已由 市总平台管理员 于 .* 提前结束"):
        extend_window(window, deadline=day(30), reason="延长", by=cast.platform_admin)
    with pytest.raises(Refused, match="提前结束"):
        close_window(window, reason="调整", by=cast.platform_admin)


def test_closing_makes_room_for_another_window(cast):
    close_window(opened(cast), reason="日期有误", by=cast.platform_admin)
    assert opened(cast).state == WindowState.OPEN


def test_a_window_that_is_over_is_not_closed(cast):
    window = opened(cast)
    Window.objects.filter(pk=window.pk).update(begins_on=day(-30), deadline=day(-1))
    with pytest.raises(Refused, match="无需再结束"):
        close_window(window, reason="调整", by=cast.platform_admin)


# Confirmations


def test_confirming_keeps_who_when_and_a_copy_with_the_phone_sealed(cast):
    window, union = opened(cast), filled_in(cast.union)
    confirmation = confirmed(cast, window)
    assert (confirmation.confirmed_by, confirmation.union) == (cast.officer, union)
    assert timezone.now() - confirmation.confirmed_at < timedelta(minutes=1)
    assert confirmation.data["leader"] == "李示例"
    assert confirmation.data["superior_path"] == "杨浦区 五角场镇"
    assert confirmation.data["member_count"] == 2
    assert "19900001234" not in str(confirmation.data)
    assert union_details.unpack(confirmation.data, cast.union)["phone"] == "19900001234"
    assert Entry.objects.get(verb="inspection.confirmed").actor == cast.officer


def test_the_copy_stays_when_the_union_changes(cast):
    confirmation = confirmed(cast, opened(cast), filled_in(cast.union))
    filled_in(cast.union, leader="王新任")
    assert Confirmation.objects.get(pk=confirmation.pk).data["leader"] == "李示例"


def test_a_second_confirmation_names_the_first(cast):
    window = opened(cast)
    confirmed(cast, window)
    colleague = make_user(cast.union)
    with pytest.raises(Refused, match=r"已由 示例经办人 于 .* 完成"):
        confirm_inspection(cast.union, window=window, version=version_of(cast.union), by=colleague)
    assert Confirmation.objects.count() == 1


@pytest.mark.parametrize(
    "who", ["reviewer", "viewer", "district_admin", "platform_admin", "neighbour_officer", "newcomer"]
)
def test_only_the_unions_own_officer_confirms(cast, who):
    window = opened(cast)
    with pytest.raises(Refused, match="本工会的经办人"):
        confirm_inspection(cast.union, window=window, version=version_of(cast.union), by=getattr(cast, who))
    assert not Confirmation.objects.exists()


def test_an_officer_disabled_meanwhile_confirms_nothing(cast):
    window = opened(cast)
    type(cast.officer).objects.filter(pk=cast.officer.pk).update(is_active=False)
    with pytest.raises(Refused, match="本工会的经办人"):
        confirmed(cast, window)


def test_before_after_and_past_a_closed_window_nobody_confirms(cast):
    window = opened(cast)
    for begins, deadline, sentence in [(1, 5, "开始，请届时再确认"), (-9, -1, "截止，不能再确认")]:
        Window.objects.filter(pk=window.pk).update(begins_on=day(begins), deadline=day(deadline))
        with pytest.raises(Refused, match=sentence):
            confirmed(cast, window)
    Window.objects.filter(pk=window.pk).update(begins_on=day(0), deadline=day(5))
    close_window(window, reason="调整", by=cast.platform_admin)
    with pytest.raises(Refused, match="提前结束，不能再确认"):
        confirmed(cast, window)
    assert not Confirmation.objects.exists()


def test_the_first_and_the_last_day_count(cast):
    confirmed(cast, opened(cast, deadline=0))


def test_a_union_outside_the_scope_confirms_nothing(cast):
    with pytest.raises(Refused, match=r"不在.*范围内"):
        confirmed(cast, opened(cast, cast.bureau))


@pytest.mark.parametrize("state", ["unfiled", "pending", "dissolved"])
def test_a_union_that_is_not_approved_confirms_nothing(cast, state):
    window = opened(cast)
    put(cast.union, state)
    with pytest.raises(Refused, match="不能确认年检"):
        confirmed(cast, window)


def test_not_while_a_review_is_open(cast):
    window = opened(cast)
    review = Review.objects.create(kind="filing", union=cast.union, title="修改工会资料", submitted_by=cast.officer)
    with pytest.raises(Refused, match=r"「修改工会资料」.*正在审核"):
        confirmed(cast, window)
    Review.objects.filter(pk=review.pk).update(state="withdrawn", closed_at=timezone.now())
    confirmed(cast, window)


def test_what_changed_since_the_page_was_shown_is_not_confirmed(cast):
    window, version = opened(cast), version_of(filled_in(cast.union))
    filled_in(cast.union, phone="19900005678")
    with pytest.raises(Refused, match="资料有了变化"):
        confirm_inspection(cast.union, window=window, version=version, by=cast.officer)


def test_the_version_tells_nothing_and_stays_the_same_though_sealing_never_does(cast):
    filled_in(cast.union)
    first = version_of(Union.objects.get(pk=cast.union.pk))
    sealed = purpose(Union, "phone_sealed").seal("19900001234", cast.union.seal_id)
    Union.objects.filter(pk=cast.union.pk).update(phone_sealed=sealed)
    assert version_of(Union.objects.get(pk=cast.union.pk)) == first
    assert len(first) == 32


# Re-opening


def test_the_superiors_administrator_reopens_and_the_officer_is_told_and_confirms_anew(cast):
    window = opened(cast)
    first = confirmed(cast, window)
    Notice.objects.all().delete()
    reopen_confirmation(first, reason="换届日期未更新", by=cast.reviewer)
    first.refresh_from_db()
    assert (first.reopened_by, first.reopened_for) == (cast.reviewer, "换届日期未更新")
    notice = Notice.objects.get(user=cast.officer)
    assert "重新打开" in notice.title
    assert "换届日期未更新" in notice.body
    assert Mail.objects.filter(to=cast.officer.email, subject__contains="重新打开").exists()
    second = confirmed(cast, window)
    assert list(Confirmation.objects.standing()) == [second]
    assert Confirmation.objects.count() == 2
    assert Entry.objects.get(verb="inspection.reopened").data["reason"] == "换届日期未更新"


@pytest.mark.parametrize(
    "who", ["viewer", "district_admin", "other_reviewer", "bureau_admin", "officer", "neighbour_officer"]
)
def test_only_the_direct_superior_and_the_city_reopen(cast, who):
    confirmation = confirmed(cast, opened(cast))
    with pytest.raises(Refused, match="直属上级的管理员"):
        reopen_confirmation(confirmation, reason="有误", by=getattr(cast, who))
    assert Confirmation.objects.standing().exists()


@pytest.mark.parametrize("roles", [[Role.ADMIN], [Role.PLATFORM_ADMIN]])
def test_the_city_reopens(cast, roles):
    confirmation = confirmed(cast, opened(cast))
    reopen_confirmation(confirmation, reason="有误", by=make_user(cast.city, *roles))
    assert not Confirmation.objects.standing().exists()


def test_a_reviewer_without_the_role_of_administrator_does_not_reopen(cast):
    confirmation = confirmed(cast, opened(cast))
    with pytest.raises(Refused, match="直属上级的管理员"):
        reopen_confirmation(confirmation, reason="有误", by=make_user(cast.street, Role.REVIEWER))


def test_reopening_wants_a_reason_an_open_window_and_happens_once(cast):
    window = opened(cast)
    confirmation = confirmed(cast, window)
    with pytest.raises(Refused, match="请填写原因"):
        reopen_confirmation(confirmation, reason=" ", by=cast.reviewer)
    with pytest.raises(Refused, match="不能超过 200 个字"):
        reopen_confirmation(confirmation, reason="长" * 201, by=cast.reviewer)
    reopen_confirmation(confirmation, reason="有误", by=cast.reviewer)
    with pytest.raises(Refused, match=r"已由 五角场镇审核人 于 .* 重新打开"):
        reopen_confirmation(confirmation, reason="有误", by=cast.reviewer)
    again = confirmed(cast, window)
    Window.objects.filter(pk=window.pk).update(begins_on=day(-9), deadline=day(-1))
    with pytest.raises(Refused, match="不能重新打开"):
        reopen_confirmation(again, reason="有误", by=cast.reviewer)


def test_a_district_made_later_lies_in_a_window_of_the_whole_city(cast):
    window = opened(cast)
    district = make_union(UnionKind.DISTRICT, cast.city)
    union = make_union(UnionKind.GRASSROOTS, make_union(UnionKind.STREET, district))
    assert open_window_of(union) == window
