"""The columns of unions that the city collects: their gaps are counted, found and listed (SPEC 2.7)."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import localdate

from gonghui.inspections.confirmations.findings import findings
from gonghui.kit.errors import Refused
from gonghui.kit.invent import invent_uscc
from gonghui.policies.columns import actions
from gonghui.policies.columns.of_unions import collected, incomplete, is_missing, missing, missing_in
from gonghui.policies.hooks import SUBJECTS
from gonghui.policies.models import Requirement
from gonghui.unions.models import Employer, Union
from gonghui.unions.national import FIELDS, Kind
from gonghui.unions.union_details import current
from tests.inspections.stories import filled_in, opened
from tests.policies.stories import collecting

pytestmark = pytest.mark.django_db
VALUES = {Kind.TEXT: "1", Kind.LEGAL_CODE: invent_uscc(5, "81"), Kind.DATE: date(2020, 1, 2), Kind.NUMBER: 3}


def put(union: Union, **columns) -> Union:
    of_employer = {name: value for name, value in columns.items() if FIELDS[name].of_employer}
    Employer.objects.filter(union=union).update(**of_employer) if of_employer else None
    of_union = {name: value for name, value in columns.items() if name not in of_employer}
    Union.objects.filter(pk=union.pk).update(**of_union) if of_union else None
    return Union.objects.select_related("employer").get(pk=union.pk)


def test_the_city_is_offered_each_column_but_the_date_that_belongs_to_one():
    offered = SUBJECTS["union"].by_name
    assert set(offered) == {name for name, field in FIELDS.items() if not field.detail_of}
    assert not offered["legal_code"].requirable, "a union need not be a legal person"
    assert list(SUBJECTS) == ["union", "member"]


def test_a_policy_from_yesterday_is_refused_and_what_was_chosen_stays(cast, client):
    yesterday = localdate() - timedelta(days=1)
    with pytest.raises(Refused, match=f"执行日期 {yesterday:%Y-%m-%d} 已经过去"):
        actions.draft("union", {"women_count": "required"}, yesterday, by=cast.platform_admin)
    client.force_login(cast.platform_admin)
    typed = dict.fromkeys(SUBJECTS["union"].by_name, "off") | {"women_count": "required"}
    edit = reverse("policies:columns_edit", args=["union"])
    answer = client.post(edit, typed | {"valid_from": yesterday.isoformat()})
    assert answer.status_code == 422
    assert "已经过去" in answer.text
    assert '<option value="required" selected>必填</option>' in answer.text


def test_with_a_body_its_date_is_collected(cast):
    collecting(cast, "union", women_committee="required", legal_code="optional", women_count="optional")
    asked = collected()
    assert asked.names == ["women_count", "legal_code", "women_committee", "women_committee_since"]
    assert [field.name for field in asked.required] == ["women_committee", "women_committee_since"]


@pytest.mark.server
@pytest.mark.parametrize("name", FIELDS)
def test_statement_and_function_find_the_same_gaps(cast, name):
    field = FIELDS[name]
    body = {field.detail_of: "yes"} if field.detail_of else {}
    for columns, lacks in ((body, True), ({field.detail_of: "no"} if body else None, False)):
        if columns is not None:
            union = put(cast.union, **columns)
            found = Union.objects.filter(missing([field]), pk=union.pk).exists()
            assert is_missing(field, current(union)) == found == lacks
    union = put(cast.union, **body, **{name: field.codes.values[0] if field.codes else VALUES[field.kind]})
    assert not is_missing(field, current(union))
    assert not Union.objects.filter(missing([field]), pk=union.pk).exists()


def test_the_draft_counts_the_approved_unions_that_it_would_make_incomplete(cast):
    put(cast.neighbour, women_count=3, women_committee="yes")
    approved = Union.objects.grassroots().filter(state="approved").count()
    wanted = {"women_count": "required", "women_committee": "required", "session_number": "optional"}
    policy = actions.draft("union", wanted, localdate(), by=cast.platform_admin)
    actions.count(policy.pk)
    policy.refresh_from_db()
    assert policy.gaps == {
        "women_count": [approved - 1] * 2,
        "women_committee": [approved] * 2,
        "": [approved] * 2,
    }, "of the neighbour the date is missing"


def test_the_gaps_of_all_columns_are_counted_in_one_statement(cast, django_assert_num_queries):
    with django_assert_num_queries(1):
        gaps = SUBJECTS["union"].gaps(list(SUBJECTS["union"].by_name))
    assert all(gap.rows == gap.unions > 0 for gap in gaps.values())


def test_the_inspection_lists_each_gap_with_a_link_to_its_input(cast, client):
    collecting(cast, "union", women_count="required", employer_kind="required", session_number="optional")
    window = opened(cast)
    union = put(filled_in(cast.union), women_count=3)
    client.force_login(cast.officer)
    page = client.get(reverse("inspections:home")).text
    assert "没有填写单位性质，市总工会要求必填，请补填。" in page
    assert f'href="{reverse("filings:amend")}#id_employer_kind"' in page
    assert "没有填写女职工数" not in page
    assert "没有填写届次" not in page
    assert "没有填写单位性质" in client.get(reverse("inspections:confirm")).text, "it is told, and may be confirmed"
    union = put(union, employer_kind="private")
    assert [finding.text for finding in findings(union) if finding.field] == []
    assert window.is_open


def test_nothing_is_a_gap_before_the_day_and_after_it_is_no_longer_asked_for(cast):
    collecting(cast, "union", since=localdate() + timedelta(days=1), women_count="required")
    assert missing_in(cast.union) == []
    collecting(cast, "union", women_count="optional")
    assert missing_in(cast.union) == []
    assert collected().requirements == {"women_count": Requirement.OPTIONAL}


def test_a_superior_sees_how_many_are_incomplete_and_finds_them(cast, client):
    collecting(cast, "union", women_count="required")
    window = opened(cast)
    put(cast.neighbour, women_count=3)
    client.force_login(cast.district_admin)
    page = client.get(reverse("inspections:completion", args=[window.pk])).text
    assert '<b class="num">1</b> 家工会的资料缺少' in " ".join(page.split())
    found = client.get(reverse("unions:tree"), {"columns": "missing"})
    assert [union.pk for union in found.context["page"].rows] == [cast.union.pk]
    assert list(incomplete(Union.objects.visible_to(cast.district_admin))) == [cast.union]
    put(cast.union, women_count=0)
    assert "家工会的资料缺少" not in client.get(reverse("inspections:completion", args=[window.pk])).text


def test_where_nothing_is_required_nobody_is_incomplete(cast, client):
    collecting(cast, "union", women_count="optional")
    assert not incomplete(Union.objects.all()).exists()
    client.force_login(cast.district_admin)
    assert client.get(reverse("unions:tree"), {"columns": "missing"}).status_code == 200
