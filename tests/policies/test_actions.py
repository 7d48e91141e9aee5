"""Rules that a superior union sets for all below it: inherited, only to be made stricter, on record (SPEC 3.6, 5.4)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils.timezone import localdate

from gonghui.accounts.models import Role
from gonghui.audit.models import Entry
from gonghui.kit.errors import Refused
from gonghui.notices.models import Notice
from gonghui.policies.actions import Change, changes, set_policy, version_of
from gonghui.policies.effects import effects
from gonghui.policies.fields import FIELDS
from gonghui.policies.models import Policy
from gonghui.policies.queries import in_force, of_city, of_union
from gonghui.transfers.models import Transfer
from tests.factories import live, make_member, make_user
from tests.policies.stories import bind, ruled
from tests.transfers.stories import offered, requested, uploaded

pytestmark = pytest.mark.django_db


def days(cast) -> list[int]:
    """What holds in the district's unions, and in the bureau's."""
    held = in_force("transfer_days", [cast.union.pk, cast.neighbour.pk, cast.far.pk])
    return [held[union.pk] for union in (cast.union, cast.neighbour, cast.far)]


def decide(cast, who: str, number: int | None) -> list[Change]:
    by = getattr(cast, who)
    return set_policy(by.union, {"transfer_days": number}, by=by)


def test_the_installations_number_holds_where_nobody_has_decided(cast, settings):
    assert days(cast) == [15, 15, 15]
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, transfer_days=20)
    assert days(cast) == [20, 20, 20]


def test_a_district_shortens_it_for_its_own_unions_alone(cast):
    decide(cast, "district_admin", 7)
    assert days(cast) == [7, 7, 15]
    decide(cast, "district_admin", None)
    assert days(cast) == [15, 15, 15]


def test_the_city_decides_for_all_and_a_district_may_only_shorten_it(cast):
    decide(cast, "platform_admin", 30)
    decide(cast, "district_admin", 20)
    assert days(cast) == [20, 20, 30]
    with pytest.raises(
        Refused, match="上海市总工会的规定是 30 天，本级只能更严，不能放宽。请填写不超过 30 的数，或不填。"
    ):
        decide(cast, "district_admin", 31)
    decide(cast, "platform_admin", 10)
    assert days(cast) == [10, 10, 10], "what is shorter above holds, whatever was decided before"


def test_an_administrator_of_the_very_union_decides_and_nobody_else(cast):
    reviewer = make_user(cast.district, Role.REVIEWER)
    for union, by in (
        (cast.district, cast.platform_admin),
        (cast.district, cast.bureau_admin),
        (cast.district, reviewer),
        (cast.street, cast.reviewer),
        (cast.union, cast.officer),
    ):
        with pytest.raises(Refused, match="只有本工会的管理员"):
            set_policy(union, {"transfer_days": 7}, by=by)
    assert not Policy.objects.exists()


def test_an_account_that_has_lost_the_role_meanwhile_is_refused(cast):
    type(cast.district_admin).objects.filter(pk=cast.district_admin.pk).update(roles=[Role.VIEWER])
    with pytest.raises(Refused):
        decide(cast, "district_admin", 7)


def test_a_decision_is_on_record_with_old_and_new_and_a_repeated_one_is_none(cast):
    decide(cast, "district_admin", 7)
    decide(cast, "district_admin", 5)
    decide(cast, "district_admin", 5)
    label = FIELDS["transfer_days"].label
    said = [entry.data["changes"] for entry in Entry.objects.filter(verb="policy.set").order_by("pk")]
    assert said == [[[label, "", "7 天"]], [[label, "7 天", "5 天"]]]
    (earlier,) = Policy.pgh_event_model.objects.all()
    assert earlier.transfer_days == 7


def test_whoever_has_to_answer_has_the_days_of_its_own_superiors(cast):
    """A request is answered by the union that the member leaves, an offer by the one that he or she comes to."""
    before = requested(cast, make_member(cast.union))
    decide(cast, "district_admin", 7)
    decide(cast, "bureau_admin", 3)
    within, across = (localdate() + timedelta(days=number) for number in (7, 3))
    uploaded(cast, make_member(cast.union), make_member(cast.far))
    asked = Transfer.objects.exclude(pk=before.pk).order_by("pk")
    assert [one.due_on for one in asked] == [within, across]
    (offer,) = offered(cast, make_member(cast.union), to=cast.far)
    assert offer.due_on == across
    assert live(before).due_on == localdate() + timedelta(days=15), "what is under way keeps its day"
    told = Notice.objects.filter(user=cast.far_officer).order_by("pk").values_list("body", flat=True)
    assert [f"{across:%Y-%m-%d}" in body for body in told] == [True, True]
    assert f"{within:%Y-%m-%d}" in Notice.objects.filter(user=cast.officer).latest("pk").body


def test_one_union_s_rule_takes_one_statement_and_the_city_s_too(cast, django_assert_num_queries):
    decide(cast, "district_admin", 7)
    with django_assert_num_queries(1):
        assert of_union("transfer_days", cast.union) == 7
    with django_assert_num_queries(1):
        assert of_city("transfer_days") == 15


def test_what_holds_takes_two_statements_for_any_number_of_unions(cast, django_assert_num_queries):
    decide(cast, "district_admin", 7)
    for unions in ([cast.union.pk], [cast.union.pk, cast.neighbour.pk, cast.far.pk, cast.street.pk]):
        with django_assert_num_queries(2):
            in_force("transfer_days", unions)


# Nobody is locked out


def test_who_has_no_second_factor_does_not_demand_it(cast):
    with pytest.raises(Refused, match="请先在“账号设置”的“动态口令”中启用"):
        ruled(cast, superiors_need_totp=True)
    assert not of_city("superiors_need_totp")
    bind(cast.platform_admin)
    ruled(cast, superiors_need_totp=True)
    assert of_city("superiors_need_totp")


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("idle_minutes", 4, "填一张表就会退出登录"),
        ("session_hours", 0, "管理员也来不及改回来"),
        ("lookup_misses", 0, "就不能再办理"),
        ("code_lookups", 0, ""),
        ("export_rows", 0, ""),
    ],
)
def test_what_would_shut_everybody_out_is_refused_with_the_reason(cast, name, value, why):
    with pytest.raises(Refused, match=f"应为.*{why}"):
        ruled(cast, **{name: value})


def test_what_the_operator_demands_nobody_switches_off(cast, settings):
    bind(cast.platform_admin)
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, superiors_need_totp=True)
    with pytest.raises(Refused, match="由平台的运维人员规定为要求，不能关闭"):
        ruled(cast, superiors_need_totp=False)
    assert of_city("superiors_need_totp")
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, superiors_need_totp=False)
    ruled(cast, superiors_need_totp=False)
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, superiors_need_totp=True)
    assert of_city("superiors_need_totp"), "the operator's word is a floor, also over an earlier no"


# What it would do is told before


def told(cast, who: str = "platform_admin", **values) -> list[str]:
    by = getattr(cast, who)
    return effects(by.union, changes(by.union, values, by=by))


def test_how_many_would_have_to_set_up_a_second_factor_is_told(cast):
    bind(cast.platform_admin)
    bind(cast.officer)  # of a grassroots union
    (sentence,) = told(cast, superiors_need_totp=True)
    assert sentence.startswith("现有 6 个上级工会的账号还没有启用动态口令"), "those of the cast but the city's"
    ruled(cast, superiors_need_totp=True)
    (sentence,) = told(cast, superiors_need_totp=False)
    assert "不再必须使用动态口令" in sentence


def test_who_is_signed_out_at_once_is_told_and_a_longer_time_is_felt_by_nobody(cast):
    assert told(cast, idle_minutes=10, session_hours=4) == [
        "已经登录、超过 10 分钟没有操作的，立即退出登录。",
        "登录已满 4 小时的，立即退出，要重新登录。",
    ]
    assert told(cast, idle_minutes=60, session_hours=24, reelection_days=200) == []


def test_how_many_below_have_set_more_is_told(cast):
    decide(cast, "district_admin", 10)
    (sentence,) = told(cast, transfer_days=8)
    assert sentence == "“会员转移审核期限”有 1 家区、局工会自己设定的数大于 8，改按 8 天执行。"
    assert told(cast, transfer_days=12) == told(cast, "district_admin", transfer_days=5) == []


# Who is told


def test_the_administrators_of_districts_and_bureaus_get_one_notice(cast):
    ruled(cast, transfer_days=10, idle_minutes=20)
    notices = list(Notice.objects.order_by("user_id"))
    assert {notice.user for notice in notices} == {cast.district_admin, cast.bureau_admin}
    assert len(notices) == 2
    assert notices[0].title == "上海市总工会修改了平台的规则"
    assert notices[0].body == "会员转移审核期限：15 天 → 10 天；无操作自动退出：30 分钟 → 20 分钟。"
    assert notices[0].url == "/policies/"


def test_nobody_is_told_of_what_changes_nothing_or_of_a_district_s_own(cast):
    ruled(cast, transfer_days=15)  # what holds anyway
    decide(cast, "district_admin", 7)
    assert not Notice.objects.exists()


# Two at once


def test_who_has_seen_other_values_is_told_and_changes_nothing(cast):
    colleague = make_user(cast.city, Role.ADMIN, name="王芳")
    seen = version_of(None)
    set_policy(cast.city, {"transfer_days": 10}, by=colleague, version=seen)
    with pytest.raises(Refused, match="王芳刚刚修改了这些规则，您的修改没有保存"):
        set_policy(cast.city, {"transfer_days": 12}, by=cast.platform_admin, version=seen)
    assert of_city("transfer_days") == 10
    assert set_policy(cast.city, {"transfer_days": 10}, by=cast.platform_admin, version=seen) == [], "the same again"
    latest = version_of(Policy.objects.get())
    set_policy(cast.city, {"transfer_days": 12}, by=cast.platform_admin, version=latest)
    assert of_city("transfer_days") == 12
