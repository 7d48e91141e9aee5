"""「信息采集表」: what is missing in whom, by union and by member, and what has been reported (SPEC 3.10)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gonghui.accounts.models import User
from gonghui.members.models import Member
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union
from tests.factories import make_member, make_unions, new_union
from tests.national.stories import collecting_all, exported, reported, returned, whole_member, whole_union

pytestmark = pytest.mark.django_db

HOME = reverse("national:home")


def page(client, user: User, address: str = HOME, **query: str) -> str:
    client.force_login(user)
    return client.get(address, query).content.decode()


def of_union(union: Union, name: str = "union") -> str:
    return reverse(f"national:{name}", args=[union.pk])


def test_an_officer_sees_what_the_own_union_lacks_with_the_way_to_mend_it(cast, client):
    collecting_all(cast)
    whole_member(cast)
    member = make_member(cast.union, name="缺很多")
    text = page(client, cast.officer)
    assert "民族" in text
    assert f"{of_union(cast.union, 'members')}?column=ethnicity" in text
    listed = page(client, cast.officer, of_union(cast.union, "members"), column="ethnicity")
    assert "缺很多" in listed
    assert reverse("members:edit", args=[member.pk]) in listed
    assert Member.objects.exclude(pk=member.pk).get().name not in listed


def test_a_union_whose_form_is_whole_is_told_so(cast, client):
    whole_union(cast.union)
    whole_member(cast)
    assert page(client, cast.officer).count("采集表要求的项目都已填写") == 2


def test_a_union_without_members_has_an_empty_state(cast, client):
    assert "还没有会员" in page(client, cast.officer)


def test_what_the_city_does_not_collect_is_named(cast, client):
    assert "市总工会没有收集：民族、就业状况" in page(client, cast.officer)


def test_a_superior_sees_each_union_below_with_its_figures_and_no_other(cast, client):
    make_member(cast.union)
    make_member(cast.far)
    text = page(client, cast.district_admin)
    assert cast.union.name in text
    assert cast.neighbour.name in text
    assert cast.far.name not in text
    assert cast.unfiled.name not in text


def test_a_superior_searches_by_name(cast, client):
    text = page(client, cast.district_admin, q="示例科技")
    assert cast.union.name in text
    assert cast.neighbour.name not in text


def test_a_union_below_is_read_without_the_buttons_of_its_officer(cast, client):
    member = make_member(cast.union)
    text = page(client, cast.reviewer, of_union(cast.union))
    assert "修改工会资料" not in text
    assert reverse("national:ask", args=["member"]) not in text
    listed = page(client, cast.reviewer, of_union(cast.union, "members"))
    assert reverse("members:view", args=[member.pk]) in listed
    assert reverse("members:edit", args=[member.pk]) not in listed


@pytest.mark.parametrize("name", ["union", "members"])
def test_out_of_scope_and_unapproved_unions_are_not_found(cast, client, name):
    client.force_login(cast.reviewer)
    assert client.get(of_union(cast.neighbour, name)).status_code == 404
    client.force_login(cast.officer)
    assert client.get(of_union(cast.neighbour, name)).status_code == 404
    client.force_login(cast.newcomer)
    assert client.get(of_union(cast.unfiled, name)).status_code == 404


def test_a_returned_member_is_listed_with_the_reason(cast, client):
    make_member(cast.union, name="王一")
    make_member(cast.union, name="王二")
    returned(cast.officer, "学历与学信网不符", "")
    assert "1 名会员被退回" in " ".join(page(client, cast.officer).split()).replace('<span class="num">1</span>', "1")
    listed = page(client, cast.officer, of_union(cast.union, "members"), state="returned")
    assert "学历与学信网不符" in listed
    assert "王二" not in listed
    assert "王二" in page(client, cast.officer, of_union(cast.union, "members"), state="reported")


def test_a_returned_union_reads_the_reason(cast, client):
    returned(cast.officer, "单位地址不详", form="organisation")
    assert "退回原因：单位地址不详" in page(client, cast.officer)


def test_a_wrong_filter_lists_nobody(cast, client):
    make_member(cast.union, name="王一")
    client.force_login(cast.officer)
    answer = client.get(of_union(cast.union, "members"), {"column": "nonsense"})
    assert answer.status_code == 422
    assert "王一" not in answer.content.decode()


def cost(client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(address, {"size": "100"}).status_code == 200
    return len(asked)


def test_the_lists_ask_as_many_queries_for_100_rows_as_for_10(cast, client):
    client.force_login(cast.district_admin)
    below, listed = HOME, of_union(cast.union, "members")
    make_member(cast.union)
    reported(cast.district_admin)
    client.get(below)  # what a process and a session remember
    few = [cost(client, address) for address in (below, listed, reverse("national:exports"))]
    for union in make_unions([new_union(UnionKind.GRASSROOTS, cast.street) for _ in range(20)]):
        make_member(union)
    for _ in range(20):
        make_member(cast.union)
    reported(cast.district_admin)
    export = exported(cast.district_admin, most=2)
    assert export.files.count() > 10
    assert [cost(client, address) for address in (below, listed, reverse("national:exports"))] == few
    single = exported(cast.district_admin)
    one, many = (cost(client, reverse("national:export", args=[row.pk])) for row in (single, export))
    assert one == many
