"""「查阅记录」: a member's page tells who was shown the member's data, when and what for (SPEC 7.6)."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gonghui.audit.actions import record
from gonghui.audit.models import Entry, Subject
from gonghui.audit.queries import entries_holding, looks_at, looks_by_union
from gonghui.imports.actions import upload_workbook
from gonghui.imports.editing import invalid_rows
from gonghui.imports.hooks import KINDS
from gonghui.inspections.confirmations.actions import export_confirmed_members
from gonghui.inspections.models import Subject as Inspected
from gonghui.members.by_code.actions import start_import
from gonghui.members.models import Member
from gonghui.members.register.actions import export_members, reveal_member
from gonghui.reviews.actions import changes_shown
from gonghui.transfers.expulsions.actions import record_disclosure
from gonghui.unions.models import Union
from tests.exports.stories import taken
from tests.factories import make_member, org_code
from tests.inspections.stories import confirmed, opened
from tests.markup import markup
from tests.transfers.stories import ended
from tests.workbooks import member_row, upload


def page_of(client, member: Member) -> str:
    return markup(client.get(reverse("members:looks", args=[member.pk])))


def verbs_at(member: Member) -> list[str]:
    return list(looks_at(member.number).order_by("at", "id").values_list("verb", flat=True))


def test_a_look_is_told_with_who_from_where_when_and_what_for(cast, officer):
    member, other = make_member(cast.union), make_member(cast.union)
    reveal_member(member, by=cast.district_admin, purpose="核对证件")
    page = page_of(officer, member)
    assert f'data-label="查阅人">{cast.district_admin.name}<' in page
    assert 'data-label="所在工会">杨浦区总工会<' in page
    assert 'data-label="查阅方式">查看会员完整号码<' in page
    assert "用途：核对证件" in page
    assert cast.district_admin.email not in page
    page = page_of(officer, other)
    assert "还没有人查阅" in page
    assert "核对证件" not in page


def test_the_tab_stands_beside_the_changes_for_who_may_see_it(cast, client):
    member = make_member(cast.union)
    address = reverse("members:looks", args=[member.pk])
    client.force_login(cast.officer)
    for name in ("members:view", "members:versions"):
        assert f'href="{address}"' in client.get(reverse(name, args=[member.pk])).text
    client.force_login(cast.viewer)
    assert address not in client.get(reverse("members:view", args=[member.pk])).text
    assert client.get(address).status_code == 403


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("officer", 200), ("reviewer", 200), ("district_admin", 200), ("platform_admin", 200),
        ("viewer", 403), ("neighbour_officer", 404), ("other_reviewer", 404), ("bureau_admin", 404), ("claimant", 404),
    ],
)  # fmt: skip
def test_the_union_and_those_above_see_it_and_nobody_else(cast, client, who, status):
    member = make_member(cast.union)
    client.force_login(getattr(cast, who))
    assert client.get(reverse("members:looks", args=[member.pk])).status_code == status


def test_an_export_is_told_to_each_person_that_it_held_and_to_no_other(cast):
    held = [make_member(cast.union) for _ in range(3)]
    other = make_member(cast.union)
    taken(cast.officer, ticked=[member.pk for member in held])
    assert [verbs_at(member) for member in held] == [["member.exported"]] * 3
    assert verbs_at(other) == []
    assert entries_holding(held[0].pk) == [Entry.objects.get(verb="member.exported").pk]


def test_an_export_that_is_refused_is_told_to_nobody(cast, tmp_path):
    make_member(cast.union)
    with pytest.raises(Exception, match="没有可以导出"):
        export_members(Member.objects.none(), tmp_path / "members.xlsx", by=cast.officer)
    assert not Subject.objects.exists()


def test_the_list_of_an_inspection_that_is_exported_is_told_to_its_members(cast, tmp_path):
    member = make_member(cast.union)
    window = opened(cast, subject=Inspected.MEMBERS)
    union = Union.objects.select_related("superior", "employer").get(pk=cast.union.pk)
    confirmation = confirmed(cast, window, union)
    export_confirmed_members(confirmation, tmp_path / "list.xlsx", by=cast.officer)
    assert verbs_at(member) == ["inspection.members_exported"]


def test_the_people_that_a_review_names_are_told(cast):
    member = make_member(None, unit_code=org_code(4321))
    review = start_import(cast.union, org_code(4321), None, by=cast.officer).review
    changes_shown(review, by=cast.reviewer)
    assert verbs_at(member) == ["review.looked_at"]


def test_who_was_expelled_is_told_of_the_superior_that_looked(cast):
    expulsions = [ended(cast, make_member(cast.union), "expelled") for _ in range(2)]
    record_disclosure(expulsions, by=cast.reviewer)
    for expulsion in expulsions:
        assert verbs_at(expulsion.member) == ["transfer.looked_at"]


def test_a_search_is_told_to_whom_it_showed(cast, officer):
    member = make_member(cast.union)
    assert member.name in officer.post(reverse("find"), {"text": member.number}, follow=True).text
    assert verbs_at(member) == ["search.members"]


def test_lists_of_rows_that_are_no_members_yet_are_counted_for_the_union(cast, officer):
    member = make_member(cast.union)
    assert "另有" not in page_of(officer, member)
    batch = upload_workbook(cast.union, KINDS["members"], upload([member_row(1, mobile="1")]), by=cast.officer)
    for _ in range(2):
        invalid_rows(batch, by=cast.officer)
    assert looks_by_union(cast.union.pk) == 2
    assert "另有2次" in re.sub(r"<[^>]+>|\s", "", page_of(officer, member))
    assert verbs_at(member) == []


def test_who_is_named_twice_in_one_act_is_told_once(cast):
    member = make_member(cast.union)
    record("member.exported", by=cast.officer, union=cast.union, people=[member.pk, member.pk], count=2, full=False)
    assert Subject.objects.count() == 1


def test_the_page_asks_as_many_queries_for_100_looks_as_for_10(cast, officer):
    member = make_member(cast.union)
    address = f"{reverse('members:looks', args=[member.pk])}?size=100"
    counts = []
    for more in (10, 90):
        for _ in range(more):
            reveal_member(member, by=cast.district_admin, purpose="查看")
        officer.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert officer.get(address).context["page"].total in (10, 100)
        counts.append(len(queries))
    assert counts[0] == counts[1]
