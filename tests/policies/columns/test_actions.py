"""Which columns the city collects: from a day on, counted before it is confirmed, on record (SPEC 2.7, 3.10)."""

from datetime import timedelta

import pytest
from django.utils.timezone import localdate

from gonghui.accounts.models import Role
from gonghui.audit.models import Entry
from gonghui.kit.errors import Refused
from gonghui.policies.columns import actions
from gonghui.policies.columns.queries import coming, requirements
from gonghui.policies.hooks import SUBJECTS
from gonghui.policies.models import ColumnPolicy, ColumnPolicyState
from tests.factories import make_member, make_user
from tests.policies.stories import collecting

pytestmark = pytest.mark.django_db


def drafted(cast, since=None, **wanted) -> ColumnPolicy:
    policy = actions.draft("member", wanted, since or localdate(), by=cast.platform_admin)
    actions.count(policy.pk)
    return ColumnPolicy.objects.get(pk=policy.pk)


def state(policy: ColumnPolicy) -> str:
    return ColumnPolicy.objects.get(pk=policy.pk).state


def test_nothing_is_collected_until_the_city_asks_for_it(cast):
    assert requirements("member") == {}
    drafted(cast, ethnicity="required")
    assert requirements("member") == {}, "a draft asks for nothing"


def test_a_confirmed_policy_holds_from_its_day_and_the_earlier_one_until_then(cast):
    collecting(cast, ethnicity="optional")
    soon = localdate() + timedelta(days=30)
    collecting(cast, since=soon, ethnicity="required", staff_number="optional")
    assert requirements("member") == {"ethnicity": "optional"}
    assert requirements("member", soon - timedelta(days=1)) == {"ethnicity": "optional"}
    assert requirements("member", soon) == {"ethnicity": "required", "staff_number": "optional"}
    assert [policy.valid_from for policy in coming("member")] == [soon]


def test_of_two_of_one_day_the_later_one_holds(cast):
    collecting(cast, ethnicity="optional")
    collecting(cast, ethnicity="off", employment="required")
    assert requirements("member") == {"employment": "required"}


def test_a_policy_from_yesterday_is_refused_with_both_dates(cast):
    yesterday = localdate() - timedelta(days=1)
    with pytest.raises(Refused, match=f"{yesterday:%Y-%m-%d} 已经过去.*{localdate():%Y-%m-%d}") as refused:
        actions.draft("member", {"ethnicity": "required"}, yesterday, by=cast.platform_admin)
    assert refused.value.field == "valid_from"


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ({"nationality": "required"}, "“国籍”不是人人都有，只能选填"),
        ({"ethnicity": "always"}, "请为“民族”选择"),
        ({}, "没有改动"),
    ],
)
def test_what_a_column_does_not_allow_and_what_changes_nothing_is_refused(cast, wanted, sentence):
    with pytest.raises(Refused, match=sentence):
        actions.draft("member", wanted, localdate(), by=cast.platform_admin)
    assert not ColumnPolicy.objects.exists()


def test_the_draft_counts_whom_it_would_make_incomplete(cast):
    make_member(cast.union)
    make_member(cast.union, staff_number="A1")
    make_member(cast.far)
    make_member(None)
    policy = drafted(cast, staff_number="required", ethnicity="required", employment="optional")
    assert policy.gaps == {"staff_number": [2, 2], "ethnicity": [3, 2], "": [3, 2]}


def test_the_gaps_of_all_columns_are_counted_in_one_statement(cast, django_assert_num_queries):
    make_member(cast.union)
    subject = SUBJECTS["member"]
    with django_assert_num_queries(1):
        gaps = subject.gaps([column.name for column in subject.columns])
    assert all(gap == (1, 1) for gap in gaps.values())


def test_a_new_draft_replaces_the_one_before_and_the_old_one_cannot_be_confirmed(cast):
    first = drafted(cast, ethnicity="optional")
    second = drafted(cast, ethnicity="required")
    assert state(first) == ColumnPolicyState.WITHDRAWN
    with pytest.raises(Refused, match="已被处理"):
        actions.confirm(first.pk, by=cast.platform_admin)
    actions.confirm(second.pk, by=cast.platform_admin)
    with pytest.raises(Refused, match="已被处理"):
        actions.confirm(second.pk, by=cast.platform_admin)
    assert requirements("member") == {"ethnicity": "required"}


def test_it_is_not_confirmed_before_it_is_counted_nor_after_its_day(cast):
    policy = actions.draft("member", {"ethnicity": "optional"}, localdate(), by=cast.platform_admin)
    with pytest.raises(Refused, match="已被处理"):
        actions.confirm(policy.pk, by=cast.platform_admin)
    actions.count(policy.pk)
    ColumnPolicy.objects.filter(pk=policy.pk).update(valid_from=localdate() - timedelta(days=1))
    with pytest.raises(Refused, match="已经过去"):
        actions.confirm(policy.pk, by=cast.platform_admin)


def test_what_has_not_begun_is_withdrawn_and_what_has_begun_is_not(cast):
    later = collecting(cast, since=localdate() + timedelta(days=3), ethnicity="required")
    actions.withdraw(later.pk, by=cast.platform_admin)
    assert state(later) == ColumnPolicyState.WITHDRAWN
    begun = collecting(cast, ethnicity="required")
    with pytest.raises(Refused, match="已经开始执行"):
        actions.withdraw(begun.pk, by=cast.platform_admin)
    with pytest.raises(Refused, match="已被处理"):
        actions.withdraw(later.pk, by=cast.platform_admin)


def test_only_the_citys_administrators_decide(cast):
    policy = drafted(cast, ethnicity="optional")
    for by in (cast.district_admin, make_user(cast.city, Role.REVIEWER), cast.reviewer, cast.officer):
        for act in (
            lambda by: actions.draft("member", {"ethnicity": "required"}, localdate(), by=by),
            lambda by: actions.confirm(policy.pk, by=by),
            lambda by: actions.withdraw(policy.pk, by=by),
        ):
            with pytest.raises(Refused, match="只有市总工会的管理员"):
                act(by)
    assert state(policy) == ColumnPolicyState.DRAFT


def test_each_step_is_on_record_with_old_and_new(cast):
    collecting(cast, ethnicity="optional")
    later = collecting(cast, since=localdate() + timedelta(days=1), ethnicity="required")
    actions.withdraw(later.pk, by=cast.platform_admin)
    entries = Entry.objects.filter(verb__startswith="columns.").order_by("pk")
    assert [(entry.verb, entry.data["changes"]) for entry in entries] == [
        ("columns.drafted", [["民族", "不收", "选填"]]),
        ("columns.confirmed", [["民族", "不收", "选填"]]),
        ("columns.drafted", [["民族", "选填", "必填"]]),
        ("columns.confirmed", [["民族", "选填", "必填"]]),
        ("columns.withdrawn", [["民族", "选填", "必填"]]),
    ]
