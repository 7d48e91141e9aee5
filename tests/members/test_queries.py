"""The pages and the total of a superior's member list (SPEC 3.1)."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.db.models import F
from django.test import RequestFactory
from django.utils.timezone import localdate

from gonghui.kit.paging import Page, paginate
from gonghui.members.models import Member
from gonghui.members.queries import Filters, known_total, listed_members, nearest_unions
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union
from tests.factories import make_member, make_union

pytestmark = pytest.mark.server

ANYTHING = Filters()


@pytest.fixture
def many(cast) -> list[tuple[int, int]]:
    """57 members of five unions of two streets, two of the unions empty; the keys in the order of the list."""
    unions = [make_union(UnionKind.GRASSROOTS, street) for street in (cast.street, cast.other_street) * 2]
    for union, members in zip((cast.union, *unions), (3, 25, 0, 1, 28), strict=True):
        for _ in range(members):
            make_member(union)
        Union.objects.filter(pk=union.pk).update(member_count=members)
    return list(Member.objects.order_by("union_id", "id").values_list("union_id", "id"))


def shown(user, **wanted: object) -> Page:
    return paginate(
        RequestFactory().get("/", wanted),
        listed_members(user, ANYTHING),
        order=("union_id", "id"),
        total=known_total(user, ANYTHING, None),
        narrow=nearest_unions(user, ANYTHING, None),
    )


def keys(page: Page) -> list[tuple[int, int]]:
    return [(member.union_id, member.pk) for member in page.rows]


@pytest.mark.parametrize("role", ["district_admin", "platform_admin"])
def test_every_page_shows_its_rows_by_whichever_link_it_is_reached(cast, many, role):
    user = getattr(cast, role)
    pages = [many[start : start + 10] for start in range(0, 57, 10)]
    for number, expected in enumerate(pages, start=1):
        assert keys(shown(user, page=number)) == expected
        for near in range(max(1, number - 2), min(6, number + 2) + 1):
            union, member = pages[near - 1][0]
            assert keys(shown(user, page=number, near=f"{near}:{union}.{member}")) == expected


def test_a_street_sees_its_own_unions_pages(cast, many):
    streets = set(Union.objects.filter(level3=cast.street).values_list("pk", flat=True))
    own = [key for key in many if key[0] in streets]
    assert keys(shown(cast.reviewer)) == own[:10]
    assert keys(shown(cast.reviewer, page=2, near=f"1:{own[0][0]}.{own[0][1]}")) == own[10:20]
    assert keys(shown(cast.reviewer, page=3)) == own[20:]


def test_a_page_of_a_district_looks_at_no_more_unions_than_it_needs(cast, many, django_assert_num_queries):
    shown(cast.district_admin)  # caches the total
    narrow = nearest_unions(cast.district_admin, ANYTHING, None)
    rows = narrow(listed_members(cast.district_admin, ANYTHING), None, False, 10)
    assert {union for union, _ in rows.values_list("union_id", "id")} == {many[0][0], many[10][0]}
    with django_assert_num_queries(4):  # the total, the unions of the page's rows, the rows, their unions
        shown(cast.district_admin)


def test_a_name_that_too_many_bear_is_read_in_the_nearest_unions(cast, many):
    wanted = Filters(name="王")
    everybody = listed_members(cast.district_admin, wanted).order_by("union_id", "id")
    assert list(everybody.values_list("union_id", "id")) == many
    narrow = nearest_unions(cast.district_admin, wanted, None)
    for key, start in ((None, 0), (many[20], 20)):
        near = narrow(everybody, key, False, 10)
        assert "gonghui_grams" not in str(near.query)
        found = near.filter(union_id__gte=many[start][0], pk__gte=many[start][1]) if key else near
        assert list(found.order_by("union_id", "id").values_list("union_id", "id")[:10]) == many[start : start + 10]
    nobody = Filters(name="欧阳")
    rows = listed_members(cast.district_admin, nobody)
    assert nearest_unions(cast.district_admin, nobody, None)(rows, None, False, 10) is rows


def test_a_filtered_list_is_not_narrowed(cast, many):
    assert nearest_unions(cast.district_admin, Filters(number="010"), None) is None
    assert nearest_unions(cast.district_admin, ANYTHING, cast.union) is None
    assert nearest_unions(cast.officer, ANYTHING, None) is None


def test_the_total_of_a_district_is_added_up_once_a_minute_and_a_unions_own_at_once(cast, many):
    assert known_total(cast.district_admin, ANYTHING, None) == 57
    Union.objects.filter(pk=cast.union.pk).update(member_count=F("member_count") + 1)
    cast.officer.union.refresh_from_db()
    assert known_total(cast.officer, ANYTHING, None) == 4
    assert known_total(cast.reviewer, ANYTHING, None) == 30
    assert known_total(cast.district_admin, ANYTHING, None) == 57
    cache.clear()
    assert known_total(cast.district_admin, ANYTHING, None) == 58


def test_the_retained_are_counted_and_found_by_the_counters_of_their_unions(cast, many):
    retained = [many[place] for place in (1, 30, 50)]
    for union, member in retained:
        Member.objects.filter(pk=member).update(
            standing="retained", retained_for="sick", standing_on=localdate(), position="member"
        )
        Union.objects.filter(pk=union).update(retained_count=F("retained_count") + 1)
    wanted = Filters(standing="retained")
    for user, expected in ((cast.platform_admin, retained), (cast.district_admin, retained), (cast.bureau_admin, [])):
        assert known_total(user, wanted, None) == len(expected)
        narrow = nearest_unions(user, wanted, None)
        rows = narrow(listed_members(user, wanted), None, False, 10)
        assert list(rows.order_by("union_id", "id").values_list("union_id", "id")) == expected
    assert known_total(cast.district_admin, Filters(standing="retained", sex="male"), None) is None
    assert known_total(cast.district_admin, ANYTHING, None) == 57


def test_for_who_is_in_no_union_no_member_is_looked_at(cast, django_assert_num_queries):
    make_member(cast.union)
    with django_assert_num_queries(0):
        assert not listed_members(cast.platform_admin, Filters(status="unattached"))


def test_members_of_unknown_sex_are_found_by_their_own_index(cast):
    make_member(cast.union, sex="unknown")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # a sequential scan would be used for so few rows
    rows = listed_members(cast.platform_admin, Filters(sex="unknown")).order_by("union_id", "pk")
    assert "member_of_unknown_sex" in rows[:10].explain()
