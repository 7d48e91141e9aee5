"""The list of 涵盖单位, its forms and its export: for officers and, read only, for superiors."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gonghui.kit.invent import invent_employer_name, invent_uscc
from gonghui.kit.names import unit_columns
from gonghui.unions.models import CoveredEmployer, RegisteredEmployer
from tests.filings.stories import covered, joint

LIST, ADD = reverse("filings:coverage"), reverse("filings:coverage_add")


@pytest.fixture
def officer(client, cast):
    joint(cast.union)
    client.force_login(cast.officer)
    return client


def many(union, count: int) -> None:
    CoveredEmployer.objects.bulk_create(
        CoveredEmployer(union=union, code=invent_uscc(seed), staff_count=10, **unit_columns(invent_employer_name(seed)))
        for seed in range(count)
    )


def typed(**changes) -> dict[str, str]:
    return {"code": invent_uscc(1), "name": "上海示例涵盖有限公司", "staff_count": "35", **changes}


def test_an_officer_adds_and_reads_what_the_register_says(officer):
    RegisteredEmployer.objects.create(name="上海示例涵盖（有限）公司", code=invent_uscc(2), staff_count=40)
    page = officer.post(ADD, typed(), follow=True).content.decode()
    assert "已登记上海示例涵盖有限公司。大统计库核对：没有这个代码。请核对证照。" in page
    page = officer.post(ADD, typed(code=invent_uscc(2)), follow=True).content.decode()
    assert "大统计库核对：名称是“上海示例涵盖（有限）公司”" in page
    assert '共 <b class="num">2</b> 家，职工 <b class="num">70</b> 人' in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"code": invent_uscc(1)[:17] + ("0" if invent_uscc(1)[17] != "0" else "1")}, "校验位不正确"),
        ({"code": "123"}, "应为 18 位，现在是 3 位"),
        ({"code": ""}, "请填写这一项"),
        ({"name": "\u200b"}, "没有填写单位名称"),
        ({"name": "甲" * 101}, "不能超过 100 个字"),
        ({"staff_count": "-1"}, "1 至 1,000,000 的整数"),
        ({"staff_count": "三十"}, "1 至 1,000,000 的整数"),
        ({"staff_count": "10000000"}, "1 至 1,000,000 的整数"),
        ({"staff_count": "1.5"}, "1 至 1,000,000 的整数"),
        ({"staff_count": "9" * 20}, "1 至 1,000,000 的整数"),
        ({"staff_count": "²"}, ""),
    ],
)
def test_a_wrong_value_is_told_at_its_field(officer, changes, sentence):
    response = officer.post(ADD, typed(**changes))
    if sentence:
        assert response.status_code == 422
        assert sentence in str(response.context["form"].errors[next(iter(changes))])
        assert not CoveredEmployer.objects.exists()


def test_a_double_click_adds_one(officer):
    officer.post(ADD, typed())
    second = officer.post(ADD, typed())
    assert (second.status_code, CoveredEmployer.objects.count()) == (422, 1)
    assert "已在本工会的涵盖单位中，不必重复登记" in second.content.decode()


def test_a_covered_employer_is_refused_without_a_word_of_the_other_union(officer, cast, client):
    covered(cast)
    joint(cast.neighbour)
    client.force_login(cast.neighbour_officer)
    page = client.post(ADD, typed()).content.decode()
    assert "这家单位已由另一家工会涵盖" in page
    assert cast.union.name not in page


def test_one_is_changed_and_removed_and_the_removal_taken_back(officer, cast):
    one = covered(cast)
    address = reverse("filings:coverage_edit", args=[one.pk])
    form = officer.get(address).context["form"]
    sent = {"name": "上海改名有限公司", "staff_count": "40", "version": form.initial["version"]}
    assert "已保存上海改名有限公司的修改" in officer.post(address, sent, follow=True).content.decode()
    stale = officer.post(address, sent)
    assert (stale.status_code, "有了变化" in stale.content.decode()) == (422, True)
    removed = officer.post(reverse("filings:coverage_remove", args=[one.pk]), follow=True)
    assert "已从涵盖单位中移除" in removed.content.decode()
    again = officer.get(ADD, {"code": one.code, "name": "上海改名有限公司", "staff_count": "40"})
    assert again.context["form"]["code"].value() == one.code
    assert officer.post(reverse("filings:coverage_remove", args=[one.pk])).status_code == 404


def test_superiors_see_it_and_change_nothing(client, cast):
    one = covered(cast)
    for who in (cast.reviewer, cast.viewer, cast.district_admin, cast.platform_admin):
        client.force_login(who)
        page = client.get(reverse("filings:union_coverage", args=[cast.union.pk])).content.decode()
        assert one.name in page
        assert ADD not in page
        assert client.get(reverse("filings:coverage_edit", args=[one.pk])).status_code == 403
        assert (
            reverse("filings:union_coverage", args=[cast.union.pk])
            in client.get(reverse("filings:union", args=[cast.union.pk])).content.decode()
        )
    for who in (cast.other_reviewer, cast.bureau_admin, cast.neighbour_officer):
        client.force_login(who)
        for name in ("union_coverage", "coverage_export"):
            address = reverse(f"filings:{name}", args=[cast.union.pk])
            assert client.post(address).status_code in (404, 405)
            assert client.get(address).status_code in (404, 405)
        assert client.get(reverse("filings:coverage_edit", args=[one.pk])).status_code == 404


def test_it_is_found_by_a_part_of_the_name_a_code_and_the_register(officer, cast):
    RegisteredEmployer.objects.create(name="上海甲乙丙有限公司", code=invent_uscc(1), staff_count=11)
    covered(cast, 1, name="上海甲乙丙有限公司")
    covered(cast, 2, name="上海丁（戊）有限公司")

    def found(**query) -> list[str]:
        response = officer.get(LIST, query)
        return [row.code for row in response.context["page"].rows]

    assert found(q="乙丙") == [invent_uscc(1)]
    assert found(q="丁(戊)") == [invent_uscc(2)]
    assert found(q=invent_uscc(2).lower()) == [invent_uscc(2)]
    assert found(q="没有") == found(q="\u200b") == []
    assert (found(register="same"), found(register="missing")) == ([invent_uscc(1)], [invent_uscc(2)])
    assert found(sort="-name") == [invent_uscc(1), invent_uscc(2)]
    assert officer.get(LIST, {"register": "nothing"}).status_code == 422


def test_the_list_asks_as_many_queries_for_100_rows_as_for_10(officer, cast):
    many(cast.union, 2000)
    officer.get(LIST)
    counts = []
    for size in (10, 100):
        with CaptureQueriesContext(connection) as queries:
            page = officer.get(LIST, {"size": size, "sort": "name"})
        counts.append(len(queries))
        assert len(page.context["page"].rows) == size
    assert counts[0] == counts[1]


@pytest.mark.server
def test_a_page_of_the_list_is_read_by_the_index(officer, cast):
    many(cast.union, 2000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE unions_coveredemployer")
        rows = CoveredEmployer.objects.standing().filter(union=cast.union).compared().order_by("pinyin", "id")[:20]
        cursor.execute("EXPLAIN " + str(rows.query.sql_with_params()[0]), rows.query.sql_with_params()[1])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Sort" not in plan
    assert "covered_union_pinyin" in plan


def test_a_union_of_another_type_is_told_why_it_has_none(client, cast):
    client.force_login(cast.officer)
    page = client.get(LIST)
    assert (page.status_code, "没有涵盖单位" in page.content.decode()) == (200, True)
    assert client.get(ADD).status_code == 403
    assert "涵盖单位" not in client.get(reverse("filings:own")).content.decode()


def test_a_superior_finds_by_the_code_who_covers_an_employer_in_scope(client, cast):
    one = covered(cast)
    for who, found in ((cast.platform_admin, [cast.union]), (cast.reviewer, [cast.union]), (cast.other_reviewer, [])):
        client.force_login(who)
        assert list(client.get(reverse("unions:tree"), {"q": one.code}).context["page"].rows) == found
