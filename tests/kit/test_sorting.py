"""The member list sorted by name: pages continue one another, and no name stands in an address."""

import re

import pytest

from gonghui.members.models import Member
from gonghui.members.queries import Filters
from tests.factories import make_member, make_union

pytestmark = pytest.mark.django_db


@pytest.mark.server
def test_by_name_every_page_continues_where_the_last_ended_and_no_name_travels(cast, client):
    for name in ("周一", "安二", "王三", "陈四", "安二", "李五", "赵六", "钱七", "孙八", "吴九", "郑十", "冯一") * 4:
        make_member(cast.union, name=name)
    client.force_login(cast.officer)
    for sort in ("name", "-name"):
        seen, address = [], f"?sort={sort}"
        while address:
            response = client.get(f"/members/{address}")
            page = response.context["page"]
            seen += [(member.pinyin, member.pk) for member in page.rows]
            address = next((link.address for link in page.links if link.number == page.number + 1), "")
            assert not address or re.search(rf"near={page.number}%3A\d+$", address)
        assert len(seen) == 48
        assert seen == sorted(seen, reverse=sort.startswith("-"))
        back = next(link.address for link in page.links if link.number == page.number - 1)
        assert [(one.pinyin, one.pk) for one in client.get(f"/members/{back}").context["page"].rows] == seen[-18:-8]


def test_a_sort_that_there_is_not_is_the_usual_one(cast, client):
    first, second = make_member(cast.union, name="周一"), make_member(cast.union, name="安二")
    client.force_login(cast.officer)
    for nonsense in ("salary", "--name", "-", "document_hash", "x" * 500):
        assert list(client.get("/members/", {"sort": nonsense}).context["page"].rows) == [first, second]


@pytest.mark.parametrize("who", ["platform_admin", "district_admin", "reviewer"])
@pytest.mark.parametrize("sex", ["", "male"])
def test_the_members_of_many_unions_are_sorted_by_union_and_within_each_by_name(cast, client, who, sex):
    unions = [cast.union, cast.neighbour, cast.far, make_union("grassroots", cast.street)]
    for name in ("周一", "安二", "王三", "陈四", "安二", "李五", "赵六"):
        for union in unions:
            make_member(union, name=name, sex="male")
    user = getattr(cast, who)
    client.force_login(user)
    query = f"q={Filters(sex=sex).token(user)}&" if sex else ""
    orders = {"union": ("union_id", "pk"), "name": ("union_id", "pinyin", "pk")}
    for sort in ("union", "-union", "name", "-name"):
        pages, address = [], f"?{query}sort={sort}"
        while address:
            page = client.get(f"/members/{address}").context["page"]
            pages.append(list(page.rows))
            back = next((link.address for link in page.links if link.number == page.number - 1), "")
            address = next((link.address for link in page.links if link.number == page.number + 1), "")
        names = [f"-{name}" if sort.startswith("-") else name for name in orders[sort.lstrip("-")]]
        assert [one for page in pages for one in page] == list(Member.objects.visible_to(user).order_by(*names)), sort
        assert list(client.get(f"/members/{back}").context["page"].rows) == pages[-2], sort
    assert list(client.get(f"/members/?{query}sort=-joined").context["page"].rows) == list(
        Member.objects.visible_to(user).order_by("union_id", "pk")[:10]
    )


def test_a_row_of_another_union_is_no_place_in_the_list(cast, client):
    """Else its place among one's own, by trying one id after the other, would tell the name of anybody."""
    for name in "安包蔡邓方高何江孔林马倪彭秦任沈唐王徐杨周":
        make_member(cast.union, name=f"{name}一")
    outside = make_member(cast.neighbour, name="柯一")
    client.force_login(cast.officer)

    def shown(near: int) -> list[int]:
        return [member.pk for member in client.get(f"/members/?sort=name&page=2&near=2:{near}").context["page"].rows]

    assert shown(outside.pk) == shown(10**12) != []
