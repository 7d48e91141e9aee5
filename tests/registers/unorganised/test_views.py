"""「未建会名单」 as its page: the list, its filters, what is ticked, and what is refused (SPEC 5.3)."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gonghui.kit.invent import invent_uscc
from gonghui.registers.models import EmployerMark, Mark
from gonghui.registers.unorganised.actions import mark
from gonghui.unions.models import Employer, RegisteredEmployer
from tests.registers.entries import make_entry, new_entry

pytestmark = pytest.mark.django_db
LIST = "/registers/unorganised/"


def rows(client, **query: str) -> list[RegisteredEmployer]:
    return client.get(LIST, query).context["page"].rows


@pytest.fixture
def reviewer(cast, client):
    client.force_login(cast.reviewer)
    return client


@pytest.fixture
def admin(cast, client):
    client.force_login(cast.platform_admin)
    return client


def ticks(page) -> list[str]:
    return re.findall(r'name="employer"\s+value="([^"]+)"', page.text)


def test_an_empty_list_says_what_would_stand_here(reviewer):
    page = reviewer.get(LIST)
    assert "没有未建会的单位" in page.text
    assert "按所在街镇列在这里" in page.text


def test_the_largest_stand_first_and_those_of_unknown_size_last(reviewer, cast):
    unknown, small, large = (
        make_entry(seed, cast.street, staff_count=staff) for seed, staff in enumerate((None, 3, 900))
    )
    assert rows(reviewer) == [large, small, unknown]
    assert rows(reviewer, sort="staff") == [unknown, small, large]
    assert "不明" in reviewer.get(LIST).text


def test_it_is_filtered_by_street_size_industry_mark_name_and_code(admin, cast):
    a = make_entry(1, cast.street, staff_count=30, industry="C", name="上海甲子机械有限公司")
    b = make_entry(2, cast.other_street, staff_count=1000, industry="I", name="上海乙丑软件有限公司")
    c = make_entry(3, staff_count=None)
    mark({a.pk: 0}, Mark.CONTACTED, by=cast.platform_admin)
    mark({b.pk: 0}, Mark.UNFIT, "原因", by=cast.platform_admin)
    assert rows(admin) == [b, a, c]
    for query, found in (
        ({"superior": cast.street.pk}, [a]),
        ({"superior": cast.district.pk}, [b, a]),
        ({"superior": cast.bureau.pk}, []),
        ({"superior": "unknown"}, [c]),
        ({"staff": "25-99"}, [a]),
        ({"staff": "25"}, [b, a]),
        ({"staff": "1000-"}, [b]),
        ({"staff": "unknown"}, [c]),
        ({"industry": "I"}, [b]),
        ({"industry": "unknown"}, [c]),
        ({"mark": "none"}, [c]),
        ({"mark": "contacted"}, [a]),
        ({"mark": "unfit"}, [b]),
        ({"q": "乙丑软件"}, [b]),
        ({"q": a.code}, [a]),
        ({"q": a.code, "mark": "unfit"}, []),
    ):
        assert rows(admin, **query) == found, query


@pytest.mark.parametrize(
    "query",
    [{"superior": "unknown"}, {"superior": "1"}, {"staff": "7"}, {"industry": "?"}, {"mark": "x"}, {"q": "长" * 101}],
)
def test_an_unknown_filter_lists_nothing_and_says_why(client, cast, query):
    make_entry(1, cast.street)
    client.force_login(cast.district_admin)
    page = client.get(LIST, query)
    assert (page.status_code, page.context["page"].rows) == (422, [])
    assert "查询条件不正确" in page.text
    assert client.post(f"{LIST}export/?{'&'.join(f'{k}={v}' for k, v in query.items())}").status_code == 409


def test_those_ticked_are_marked_and_the_list_is_come_back_to(reviewer, cast):
    make_entry(1, cast.street), make_entry(2, cast.street), make_entry(3, cast.other_street)
    here = f"{LIST}?staff=25-99&page=1"
    page = reviewer.get(here)
    answer = reviewer.post(here, {"employer": [",".join(ticks(page))], "do": "unfit", "note": "不足三人"}, follow=True)
    assert answer.redirect_chain == [(here, 302)]
    assert "已将 2 家标为“不具备条件”。" in answer.text
    assert "data-forget-ticks" in answer.text
    assert answer.text.count("不足三人") == 2
    answer = reviewer.post(here, {"employer": ticks(answer), "do": "unmark"}, follow=True)
    assert "已取消 2 家的标记。" in answer.text
    assert not EmployerMark.objects.exists()


def test_a_refusal_keeps_what_was_typed_and_ticked(reviewer, cast):
    make_entry(1, cast.street)
    (tick,) = ticks(reviewer.get(LIST))
    typed = "长" * 201
    page = reviewer.post(LIST, {"employer": tick, "do": "contacted", "note": typed})
    assert page.status_code == 422
    assert "请缩短到 200 个字以内" in page.text
    assert 'data-field="note"' in page.text
    assert typed in page.text
    assert re.search(rf'value="{re.escape(tick)}"[^>]*checked', page.text)
    assert "请先勾选单位" in reviewer.post(LIST, {"do": "contacted"}).text


def test_who_is_passed_over_is_told_by_name(reviewer, cast):
    entry, other = make_entry(1, cast.street), make_entry(2, cast.street)
    page = reviewer.get(LIST)
    mark({entry.pk: 0}, Mark.CONTACTED, by=cast.district_admin)
    answer = reviewer.post(LIST, {"employer": ticks(page), "do": "unfit", "note": "不足三人"}, follow=True)
    assert "已将 1 家标为“不具备条件”。" in answer.text
    assert f"{cast.district_admin} 刚标为“已联系”" in answer.text
    assert EmployerMark.objects.get(employer=other).kind == "unfit"


@pytest.mark.parametrize("tick", ["", "x", "1", "1.x", "-1.0", "9" * 19 + ".0", "²." + "0", "1.0.0"])
def test_nonsense_is_nobody_ticked(reviewer, cast, tick):
    make_entry(1, cast.street)
    page = reviewer.post(LIST, {"employer": tick, "do": "contacted"})
    assert (page.status_code, "请先勾选单位" in page.text) == (422, True)


def test_an_act_that_is_not_there_is_not_found(reviewer, cast):
    make_entry(1, cast.street)
    assert reviewer.post(LIST, {"do": "deleted"}).status_code == 404


def test_who_may_only_look_sees_no_boxes(client, cast):
    make_entry(1, cast.street)
    client.force_login(cast.viewer)
    page = client.get(LIST)
    assert len(page.context["page"].rows) == 1
    assert ticks(page) == []
    assert "several-note" not in page.text


def test_the_export_is_a_workbook_with_the_name_of_the_place(reviewer, cast):
    make_entry(1, cast.street)
    answer = reviewer.post(reverse("registers:unorganised_export"))
    assert "attachment" in answer["Content-Disposition"]
    assert answer["Content-Type"].endswith("spreadsheetml.sheet")
    assert answer.getvalue().startswith(b"PK")


def test_a_page_costs_as_much_with_many_rows_as_with_few(admin, cast):
    counts = []
    rows(admin)  # the first page of a session asks more
    for number in (3, 40):
        new = RegisteredEmployer.objects.bulk_create(
            new_entry(number * 100 + one, cast.street) for one in range(number)
        )
        mark({one.pk: 0 for one in new}, Mark.CONTACTED, by=cast.platform_admin)
        with CaptureQueriesContext(connection) as asked:
            assert admin.get(LIST).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_page_near_by_is_sought_by_its_key(admin, cast):
    RegisteredEmployer.objects.bulk_create(
        new_entry(one, cast.street, staff_count=one % 3 or None) for one in range(1, 46)
    )
    Employer.objects.filter(union=cast.far).update(code=invent_uscc(7))
    first = admin.get(LIST).context["page"]
    assert first.total == 44
    address = next(link.address for link in first.links if link.number == 2)
    second = admin.get(LIST + address).context["page"]
    third = admin.get(LIST + next(link.address for link in second.links if link.number == 3)).context["page"]
    found = [row.pk for page in (first, second, third) for row in page.rows]
    assert len(found) == len(set(found)) == 44
