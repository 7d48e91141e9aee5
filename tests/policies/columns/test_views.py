"""「采集项目」: all superiors read it, the city's administrator drafts, sees the gaps, and confirms."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import localdate

from gonghui.policies.columns import actions
from gonghui.policies.columns.queries import requirements
from gonghui.policies.hooks import SUBJECTS
from gonghui.policies.models import ColumnPolicy
from tests.factories import make_member
from tests.jobs import run_jobs
from tests.policies.stories import collecting

pytestmark = pytest.mark.django_db


def choices(**wanted) -> dict[str, str]:
    return {name: wanted.get(name, "off") for name in SUBJECTS["member"].by_name}


@pytest.mark.django_db(transaction=True)
def test_the_city_drafts_counts_and_confirms(client, cast):
    make_member(cast.union)
    client.force_login(cast.platform_admin)
    assert "采集项目" in client.get(reverse("unions:tree"), follow=True).text
    edit = reverse("policies:columns_edit", args=["member"])
    since = localdate() + timedelta(days=31)
    sent = client.post(edit, choices(ethnicity="required") | {"valid_from": since.isoformat()})
    draft = reverse("policies:draft", args=[ColumnPolicy.objects.get().pk])
    assert sent.url == draft
    assert "正在统计" in client.get(draft).text
    run_jobs("imports")
    page = client.get(draft).text
    assert "确认执行" in page
    assert '共有 <b class="num">1</b> 名会员' in " ".join(page.split())
    confirmed = client.post(reverse("policies:confirm", args=[ColumnPolicy.objects.get().pk]), follow=True)
    assert f"已确认，自 {since:%Y-%m-%d} 起执行。" in confirmed.text
    assert requirements("member", since) == {"ethnicity": "required"}


def test_a_wrong_date_keeps_what_was_chosen(client, cast):
    client.force_login(cast.platform_admin)
    edit = reverse("policies:columns_edit", args=["member"])
    for day, sentence in (("", "请填写执行日期"), ("2020-01-01", "已经过去"), ("昨天", "请填写日期")):
        answer = client.post(edit, choices(ethnicity="required") | {"valid_from": day})
        assert answer.status_code == 422
        assert sentence in answer.text
        assert '<option value="required" selected>必填</option>' in answer.text


def test_the_superiors_below_read_what_holds_and_what_comes(client, cast):
    collecting(cast, ethnicity="optional")
    collecting(cast, since=localdate() + timedelta(days=9), ethnicity="required")
    client.force_login(cast.reviewer)
    page = " ".join(client.get(reverse("policies:columns")).text.split())
    assert "选填</b>" in page
    assert "起必填" in page
    assert "修改" not in page.partition("<main")[2]


def test_the_page_takes_as_many_statements_for_any_number_of_columns(client, cast, django_assert_max_num_queries):
    collecting(cast)
    client.force_login(cast.platform_admin)
    client.get(reverse("policies:columns"))
    with django_assert_max_num_queries(6 + 3 * len(SUBJECTS)):
        client.get(reverse("policies:columns"))


def test_a_subject_that_is_none_is_not_found(client, cast):
    client.force_login(cast.platform_admin)
    assert client.get(reverse("policies:columns_edit", args=["nobody"])).status_code == 404


def test_a_draft_that_was_replaced_says_so_and_changes_nothing(client, cast):
    first = actions.draft("member", {"ethnicity": "optional"}, localdate(), by=cast.platform_admin)
    actions.draft("member", {"employment": "optional"}, localdate(), by=cast.platform_admin)
    client.force_login(cast.platform_admin)
    answer = client.post(reverse("policies:confirm", args=[first.pk]))
    assert answer.status_code == 409
    assert "已被处理" in answer.text
    assert requirements("member") == {}


def test_the_page_of_a_policy_says_what_it_changed_before_and_after_its_confirmation(client, cast):
    collecting(cast, ethnicity="optional")
    policy = actions.draft("member", {"ethnicity": "required"}, localdate(), by=cast.platform_admin)
    actions.count(policy.pk)
    client.force_login(cast.platform_admin)
    for act in (lambda: None, lambda: actions.confirm(policy.pk, by=cast.platform_admin)):
        act()
        page = " ".join(client.get(reverse("policies:draft", args=[policy.pk])).text.split())
        assert 'data-label="这一天以前">选填<' in page
        assert "<b>必填</b>" in page


def test_a_new_policy_is_offered_from_the_first_of_next_month(client, cast):
    client.force_login(cast.platform_admin)
    page = client.get(reverse("policies:columns_edit", args=["member"]))
    offered = date.fromisoformat(page.context["form"]["valid_from"].value())
    assert offered.day == 1
    assert localdate() < offered <= localdate() + timedelta(days=31)
