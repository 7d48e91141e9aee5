"""The pages of the inspection, as officers, superiors and the city meet them (SPEC 2.6; the manual's chapter 3)."""

from datetime import date
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from gonghui.audit.models import Entry
from gonghui.filings.coverage.actions import uncover_employer
from gonghui.inspections.confirmations.actions import confirm_inspection, reopen_confirmation, version_of
from gonghui.inspections.confirmations.findings import findings
from gonghui.inspections.models import Confirmation, Reminder, Subject, Window
from gonghui.kit.errors import Refused
from gonghui.reviews.models import Review
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import CoveredEmployer, Union
from tests.factories import make_union, make_user
from tests.filings.stories import covered, joint
from tests.inspections.stories import confirmed, day, filled_in, opened
from tests.markup import markup
from tests.states import put

pytestmark = pytest.mark.django_db

HOME, CONFIRM = reverse("inspections:home"), reverse("inspections:confirm")
MEMBERS = reverse("inspections:members")


def at(name: str, row) -> str:
    return reverse(f"inspections:{name}", args=[row.pk])


# The officer's page


def test_the_officers_page_is_the_manuals(client, cast):
    window = opened(cast)
    filled_in(cast.union)
    client.force_login(cast.officer)
    page = client.get(HOME).text
    for words in (
        "基层工会资料查看", "请确认企业信息更新到最新，以确认年检", "已完成年检信息更新", "工会编号", cast.union.number, "单位名称",
        "经济类型", "杨浦区 五角场镇", "换届日期", "工会负责人", "李示例", "199****1234", f"{window.deadline}", "还剩",
    ):  # fmt: skip
        assert words in page, words
    assert "19900001234" not in page


def test_pressing_asks_once_more_and_then_confirms(client, cast):
    window = opened(cast)
    filled_in(cast.union)
    client.force_login(cast.officer)
    page = client.get(CONFIRM)
    assert "以上信息已核对无误" in page.text
    data = {"window": window.pk, "version": page.context["version"]}
    unticked = client.post(CONFIRM, data)
    assert unticked.status_code == 422
    assert "勾选「以上信息已核对无误」" in unticked.text
    assert not Confirmation.objects.exists()
    answer = client.post(CONFIRM, data | {"checked": "1"}, follow=True)
    assert "由 示例经办人 完成" in markup(answer)
    confirmation = Confirmation.objects.get()
    copy = client.get(at("confirmation", confirmation)).text
    assert "以下是确认时的资料" in copy
    assert "199****1234" in copy
    assert "重新打开" not in copy


def test_a_form_sent_twice_says_who_confirmed_and_when(client, cast):
    window = opened(cast)
    client.force_login(cast.officer)
    data = {"window": window.pk, "version": version_of(cast.union), "checked": "1"}
    client.post(CONFIRM, data)
    again = client.post(CONFIRM, data)
    assert again.status_code == 409
    assert "已由 示例经办人 于" in again.text
    assert client.get(CONFIRM).url == HOME


def test_an_old_page_confirms_nothing_and_shows_what_is_new(client, cast):
    window, version = opened(cast), version_of(filled_in(cast.union))
    filled_in(cast.union, leader="王新任")
    client.force_login(cast.officer)
    answer = client.post(CONFIRM, {"window": window.pk, "version": version, "checked": "1"})
    assert answer.status_code == 409
    assert "资料有了变化" in answer.text
    assert "王新任" in answer.text
    again = {"window": window.pk, "version": answer.context["version"], "checked": "1"}
    assert client.post(CONFIRM, again).url == HOME


def test_a_review_under_way_takes_the_button_away_and_is_linked(client, cast):
    opened(cast)
    review = Review.objects.create(kind="filing", union=cast.union, title="修改工会资料", submitted_by=cast.officer)
    client.force_login(cast.officer)
    page = client.get(HOME).text
    assert reverse("reviews:review", args=[review.pk]) in page
    assert "已完成年检信息更新" not in page


def test_without_a_window_the_page_says_so_and_names_the_next_one(client, cast):
    client.force_login(cast.officer)
    assert "现在没有进行中的组织年检" in client.get(HOME).text
    opened(cast, begins=40, deadline=50)
    coming = opened(cast, begins=5, deadline=20)
    assert f"从 {coming.begins_on} 开始" in markup(client.get(HOME))
    assert client.get(CONFIRM).url == HOME


def test_earlier_years_stay_in_the_record(client, cast):
    window = opened(cast)
    confirmed(cast, window)
    last_year = {"year": window.year - 1, "begins_on": day(-365), "deadline": day(-335)}
    Window.objects.filter(pk=window.pk).update(**last_year)
    client.force_login(cast.officer)
    assert f"{window.year - 1}年组织年检" in client.get(HOME).text


def test_a_reopened_confirmation_tells_who_and_why(client, cast):
    confirmation = confirmed(cast, opened(cast))
    reopen_confirmation(confirmation, reason="换届日期未更新", by=cast.reviewer)
    client.force_login(cast.officer)
    page = client.get(HOME).text
    assert "五角场镇工会" in page
    assert "原因：换届日期未更新" in page
    assert "已完成年检信息更新" in page
    assert "不再计入完成" in client.get(at("confirmation", confirmation)).text


@pytest.mark.parametrize(("state", "words"), [("unfiled", "还不需要年检"), ("dissolved", "不参加年检")])
def test_a_union_that_is_not_approved_is_told_so(client, cast, state, words):
    opened(cast)
    put(cast.union, state)
    client.force_login(cast.officer)
    assert words in client.get(HOME).text
    assert client.get(CONFIRM).url == HOME


@pytest.mark.parametrize(
    ("values", "level", "words"),
    [
        ({}, "ok", "未到期"),
        ({"reelection_on": day(-1)}, "bad", "已过"),
        ({"reelection_on": day(30)}, "look", "就要到了"),
        ({"reelection_on": None}, "bad", "没有换届日期"),
        ({"founded_on": date(1900, 1, 1)}, "bad", "不合常理"),
        ({"founded_on": day(1)}, "bad", "不合常理"),
        ({"founded_on": day(-10), "reelection_on": day(-20)}, "bad", "其中一项有误"),
        ({"leader": ""}, "bad", "没有工会负责人"),
        ({"phone": ""}, "bad", "没有联系电话"),
        ({"phone": "12345"}, "bad", "不是正确的"),
        ({"address": ""}, "bad", "没有单位地址"),
        ({"member_count": 0}, "look", "还没有登记会员"),
        ({"member_count": 9}, "look", "多于职工人数"),
        ({"staff_count": 50}, "look", "不到职工人数 50 人的一半"),
        ({"staff_count": None}, "bad", "没有职工人数"),
    ],
)
def test_what_looks_out_of_date_is_listed_with_the_way_to_mend_it(client, cast, values, level, words):
    all_findings = findings(filled_in(cast.union, **values))
    (finding,) = [finding for finding in all_findings if words in finding.text]
    assert finding.level == level
    assert (finding.mend == "") == (level == "ok")
    opened(cast)
    client.force_login(cast.officer)
    assert words in client.get(HOME).text
    assert (words in client.get(CONFIRM).text) == (level != "ok")


# Superiors


def test_the_city_sees_districts_the_district_streets_and_the_street_its_unions(client, cast):
    window = opened(cast)
    confirmed(cast, window)
    client.force_login(cast.platform_admin)
    page = client.get(HOME)
    branches = {branch.node: (branch.total, branch.done, branch.rate) for branch in page.context["branches"]}
    assert branches == {cast.district: (2, 1, "50.0%"), cast.bureau: (1, 0, "0.0%")}
    assert page.context["whole"].rate == "33.3%"
    streets = client.get(at("completion", window), {"node": cast.district.pk})
    assert {branch.node: branch.left for branch in streets.context["branches"]} == {
        cast.street: 0,
        cast.other_street: 1,
    }
    assert f"node={cast.other_street.pk}&amp;tab=left" in streets.text
    assert f"node={cast.street.pk}&amp;tab=left" not in streets.text, "there is nobody left"
    left = client.get(at("completion", window), {"node": cast.other_street.pk})
    assert [row.pk for row in left.context["page"].rows] == [cast.neighbour.pk]
    done = client.get(at("completion", window), {"node": cast.street.pk, "tab": "done"})
    assert [confirmation.union for confirmation in done.context["page"].rows] == [cast.union]
    assert "示例经办人" in done.text


def test_a_rate_is_a_hundred_only_when_all_are_done():
    from gonghui.inspections.queries import Completion

    node = Union(name="示例")
    assert [Completion(node, total, done).rate for total, done in [(0, 0), (2000, 1999), (3, 1), (7, 7)]] == [
        "-", "99.9%", "33.3%", "100.0%",
    ]  # fmt: skip


def test_dissolved_and_pending_unions_are_not_due(client, cast):
    window = opened(cast)
    Union.objects.filter(pk=cast.neighbour.pk).update(state="dissolved")
    client.force_login(cast.district_admin)
    assert client.get(at("completion", window)).context["whole"].total == 1


def test_a_union_registered_after_the_end_is_not_counted(client, cast):
    window = opened(cast)
    Window.objects.filter(pk=window.pk).update(begins_on=day(-60), deadline=day(-30))
    Union.objects.filter(pk=cast.union.pk).update(created_at=timezone.now() - timezone.timedelta(days=100))
    client.force_login(cast.district_admin)
    page = client.get(at("completion", window))
    assert page.context["whole"].total == 1
    assert "结束之后新建的工会不计" in page.text


def test_a_superior_sees_its_own_part_only(client, cast):
    window = opened(cast)
    client.force_login(cast.reviewer)
    assert client.get(HOME).context["whole"].total == 1
    for node in (cast.other_street, cast.district, cast.company, cast.union):
        assert client.get(at("completion", window), {"node": node.pk}).status_code == 404
    client.force_login(cast.bureau_admin)
    assert client.get(at("completion", opened(cast, cast.district, begins=30, deadline=40))).status_code == 404


def test_what_the_window_does_not_reach_has_no_completion(client, cast):
    window = opened(cast, cast.district)
    client.force_login(cast.platform_admin)
    page = client.get(at("completion", window))
    assert [branch.node for branch in page.context["branches"]] == [cast.district]
    assert client.get(at("completion", window), {"node": cast.bureau.pk}).status_code == 404


def test_a_name_narrows_either_list(client, cast):
    window = opened(cast)
    confirmed(cast, window)
    client.force_login(cast.platform_admin)
    for tab, text, count in [
        ("left", "邻家", 1),
        ("left", "科技", 0),
        ("done", "科技", 1),
        ("done", "邻家", 0),
        ("left", "邻", 1),
    ]:
        page = client.get(at("completion", window), {"tab": tab, "q": text})
        assert len(page.context["page"].rows) == count, (tab, text)


def test_reminding_from_the_list_one_and_all(client, cast):
    window = opened(cast)
    client.force_login(cast.district_admin)
    address = f"{at('remind', window)}?node={cast.district.pk}"
    assert "已催办上海邻家软件有限公司工会" in client.post(address, {"union": cast.neighbour.pk}, follow=True).text
    page = client.get(at("completion", window), {"tab": "left"})
    assert {row.pk: row.reminded_today for row in page.context["page"].rows} == {
        cast.union.pk: False, cast.neighbour.pk: True,
    }  # fmt: skip
    text = client.post(address, follow=True).text
    assert "已催办 1 家工会。其余 1 家今天已催办过" in text
    assert client.post(address, {"union": cast.far.pk}).status_code == 404
    assert Reminder.objects.count() == 2


def test_a_viewer_has_no_button_to_remind(client, cast):
    window = opened(cast)
    for who, shown in [("viewer", False), ("reviewer", True)]:
        client.force_login(getattr(cast, who))
        assert ("催办全部未完成" in client.get(at("completion", window)).text) == shown


@pytest.mark.parametrize("tab", ["left", "done"])
def test_the_export_is_the_list_and_is_recorded(client, cast, tab):
    window = opened(cast)
    confirmed(cast, window)
    client.force_login(cast.district_admin)
    answer = client.post(f"{at('export', window)}?node={cast.district.pk}", {"tab": tab})
    rows = list(load_workbook(BytesIO(b"".join(answer))).active.values)
    assert rows[0][:2] == ("工会编号", "工会名称")
    union = cast.neighbour if tab == "left" else cast.union
    (row,) = rows[1:]
    facts = dict(zip(rows[0], row, strict=True))
    assert facts["工会名称"] == union.name
    assert facts["所属区总工会或产业局"] == "杨浦区总工会"
    assert facts["年检状态"] == ("未完成" if tab == "left" else "已完成")
    assert (facts["完成人"] or "") == ("" if tab == "left" else "示例经办人")
    assert Entry.objects.get(verb="inspection.exported").data["count"] == 1


def test_the_export_asks_as_many_queries_for_many_rows_as_for_few(client, cast):
    window = opened(cast)
    client.force_login(cast.reviewer)
    counts = []
    for count in (3, 30):
        more_unions(cast, count)
        client.get(HOME)  # the session's own upkeep is done
        with CaptureQueriesContext(connection) as queries:
            b"".join(client.post(at("export", window), {"tab": "left"}))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_reopening_by_the_page(client, cast):
    confirmation = confirmed(cast, opened(cast))
    client.force_login(cast.reviewer)
    assert "重新打开的原因" in client.get(at("confirmation", confirmation)).text
    assert client.post(at("reopen", confirmation), {"reason": ""}).status_code == 422
    answer = client.post(at("reopen", confirmation), {"reason": "换届日期未更新"}, follow=True)
    assert "已重新打开" in answer.text
    again = client.post(at("reopen", confirmation), {"reason": "换届日期未更新"})
    assert again.status_code == 409
    assert "已由 五角场镇审核人 于" in again.text


def more_unions(cast, count: int) -> list[Union]:
    return [make_union(UnionKind.GRASSROOTS, cast.street) for _ in range(count)]


@pytest.mark.parametrize("tab", ["left", "done", "levels"])
def test_the_lists_ask_as_many_queries_for_100_rows_as_for_10(client, cast, tab):
    window = opened(cast)
    opened(cast, subject=Subject.MEMBERS)
    client.force_login(cast.platform_admin)
    counts = []
    for count in (10, 90):
        for union in more_unions(cast, count):
            make_user(union)
            if tab == "done":
                confirmed(cast, window, union)
        make_union(UnionKind.DISTRICT, cast.city)
        for address in (HOME, MEMBERS, at("completion", window)):
            client.get(address, {"tab": tab, "size": 100})
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address, {"tab": tab, "size": 100}).status_code == 200
            counts.append(len(queries))
    assert counts[:3] == counts[3:]
    assert max(counts) <= 12


def test_the_covered_list_is_kept_as_it_was(cast, client):
    for seed in range(100):
        covered(cast, seed)
    confirmation = confirmed(cast, opened(cast))
    uncover_employer(CoveredEmployer.objects.first(), by=cast.officer)
    client.force_login(cast.reviewer)
    address = reverse("inspections:covered_list", args=[confirmation.pk])
    client.get(address)
    counts = []
    for size in (10, 100):
        with CaptureQueriesContext(connection) as queries:
            page = client.get(address, {"size": size})
        counts.append(len(queries))
        assert len(page.context["page"].rows) == size
    assert counts[0] == counts[1]
    assert "100 家，职工" in client.get(reverse("inspections:confirmation", args=[confirmation.pk])).content.decode()


def test_a_change_of_the_covered_employers_is_seen_before_the_confirmation(cast):
    covered(cast, 1)
    version = version_of(cast.union)
    covered(cast, 2)
    with pytest.raises(Refused, match="工会资料有了变化"):
        confirm_inspection(cast.union, window=opened(cast), version=version, by=cast.officer)


def test_the_check_list_asks_a_joint_union_for_its_employers(cast, client):
    client.force_login(cast.officer)
    assert "涵盖单位" not in client.get(reverse("inspections:home")).content.decode()
    joint(cast.union)
    assert "还没有登记涵盖单位" in client.get(reverse("inspections:home")).content.decode()
    covered(cast, staff_count=40)
    assert "涵盖单位 1 家，职工 40 人" in client.get(reverse("inspections:home")).content.decode()
    opened(cast)
    assert "1 家，职工 40 人" in client.get(reverse("inspections:confirm")).content.decode()
