"""会员年检 (SPEC 3.9): pre-check, confirmation with its copy, and what superiors see."""

from datetime import date
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from gonghui.audit.models import Entry
from gonghui.inspections.confirmations.actions import confirm_inspection, reopen_confirmation
from gonghui.inspections.members.check import findings, opened_list, version_of_members
from gonghui.inspections.models import Confirmation, Subject, Window
from gonghui.inspections.queries import completion
from gonghui.inspections.reminders.actions import remind_union
from gonghui.inspections.windows.actions import extend_window
from gonghui.kit.errors import Refused
from gonghui.members.models import Member
from tests.factories import change_member, make_member
from tests.imports.test_actions import send
from tests.inspections.stories import confirmed, day
from tests.inspections.stories import opened as opened_any
from tests.markup import markup
from tests.people import Cast
from tests.workbooks import member_row

pytestmark = pytest.mark.django_db
PAGE, LIST = reverse("inspections:members"), reverse("members:list")


def opened(cast: Cast, **more) -> Window:
    return opened_any(cast, subject=Subject.MEMBERS, **more)


def member(cast: Cast, serial: int, **fields) -> Member:
    """One with an ID number that holds and nothing to look at."""
    born = fields.pop("born_on", date(1990, 1, 1 + serial % 28))
    return make_member(cast.union, name=f"王{'甲乙丙丁戊己庚辛'[serial % 8]}", born_on=born, **fields)


def found(cast: Cast) -> dict[str, list[int]]:
    return {finding.key: list(finding.ids) for finding in findings(cast.union)}


# The pre-check


def test_a_union_of_nobody_has_nothing_in_order_and_nothing_to_confirm(cast, client):
    window = opened(cast)
    client.force_login(cast.officer)
    page = client.get(PAGE).text
    assert "还没有登记会员" in page
    assert "check-ok" not in page
    assert "已完成更新" not in page
    with pytest.raises(Refused, match="还没有登记会员"):
        confirmed(cast, window)


def test_more_members_than_staff_want_a_look(cast, client):
    member(cast, 1)
    client.force_login(cast.officer)
    for staff, seen in ((1, False), (0, False)):
        cast.union.staff_count = staff
        cast.union.save()
        assert ("多于职工人数" in client.get(PAGE).text) is seen
    member(cast, 2)
    cast.union.staff_count = 1
    cast.union.save()
    assert "会员 2 人，多于职工人数 1 人" in client.get(PAGE).text


def test_nothing_to_look_at_says_so(cast):
    member(cast, 1)
    assert {(finding.level, len(finding.ids)) for finding in findings(cast.union)} == {("ok", 0)}
    assert findings(cast.union)[0].text == "证件号码都符合规则。"


def test_each_doubt_is_counted_and_leads_to_its_members(cast, client):
    wrong = member(cast, 1)
    change_member(wrong, document_number="310110199001010011")
    silent = member(cast, 2)
    Member.objects.filter(pk=silent.pk).update(mobile_sealed=None)
    unborn = member(cast, 3, born_on=None)
    old_man = member(cast, 4, born_on=date(1950, 1, 1), sex="male")
    woman = member(cast, 5, born_on=day(0).replace(year=day(0).year - 60, day=1), sex="female")
    same, again = member(cast, 6), member(cast, 6)
    assert found(cast) == {
        "number": [wrong.pk],
        "mobile": [silent.pk],
        "born_on": [unborn.pk],
        "duplicate": sorted([same.pk, again.pk]),
        "retired": [old_man.pk, woman.pk],
    }
    client.force_login(cast.officer)
    assert "2 名会员与本工会另一名会员的姓名和出生日期相同" in client.get(PAGE).content.decode()
    doubtful = client.get(reverse("inspections:doubtful", args=["duplicate"])).content.decode()
    assert same.number in doubtful
    assert reverse("members:edit", args=[same.pk]) in doubtful
    assert wrong.number not in doubtful
    assert client.get(reverse("inspections:doubtful", args=["nonsense"])).status_code == 404


def test_whoever_reaches_the_age_tomorrow_is_not_asked_about(cast):
    tomorrow, today = day(1), day(0)
    member(cast, 1, born_on=tomorrow.replace(year=tomorrow.year - 63), sex="male")
    reached = member(cast, 2, born_on=today.replace(year=today.year - 63), sex="male")
    assert found(cast)["retired"] == [reached.pk]


def test_of_unknown_sex_the_higher_age_counts(cast):
    today = day(0)
    member(cast, 1, born_on=today.replace(year=today.year - 62, day=1), sex="unknown")
    reached = member(cast, 2, born_on=today.replace(year=today.year - 64, day=1), sex="unknown")
    assert found(cast)["retired"] == [reached.pk]


def test_what_was_found_is_never_out_of_date(cast):
    person = member(cast, 1)
    assert found(cast)["mobile"] == []
    Member.objects.filter(pk=person.pk).update(mobile_sealed=None)
    assert found(cast)["mobile"] == [person.pk]


# The confirmation


def test_the_page_and_the_list_show_banner_and_button_until_it_is_confirmed(cast, client):
    member(cast, 1)
    window = opened(cast)
    banner = f"请在{window.deadline.month}月{window.deadline.day}日前完成信息更新"
    client.force_login(cast.officer)
    for address in (PAGE, LIST):
        page = client.get(address).content.decode()
        assert banner in page
        assert "已完成更新" in page
    extend_window(window, deadline=day(60), reason="延期", by=cast.platform_admin)
    later = day(60)
    assert f"请在{later.month}月{later.day}日前完成信息更新" in client.get(LIST).content.decode()
    confirmed(cast, window)
    assert "前完成信息更新" not in client.get(LIST).content.decode()
    assert "由 示例经办人 完成" in markup(client.get(PAGE))


def test_it_is_confirmed_from_the_page_with_the_tick(cast, client):
    person = member(cast, 1)
    window = opened(cast)
    client.force_login(cast.officer)
    sent = {"window": window.pk, "version": version_of_members(cast.union)}
    assert client.post(PAGE, sent).status_code == 422
    assert not Confirmation.objects.exists()
    assert "谢谢" in client.post(PAGE, {**sent, "checked": "1"}, follow=True).content.decode()
    confirmation = Confirmation.objects.get()
    assert confirmation.data == {"total": 1, "male": 1, "document:resident_id": 1, "card": 0}
    (line,) = opened_list(confirmation.member_list)
    assert line[:3] == [person.number, person.name, "male"]
    assert person.document_number not in str(line)
    assert Entry.objects.filter(verb="inspection.confirmed", object_id=confirmation.pk).exists()


def test_not_when_members_changed_since_the_page_was_shown(cast):
    person = member(cast, 1)
    window, version = opened(cast), version_of_members(cast.union)
    for change in (lambda: Member.objects.filter(pk=person.pk).update(education="master"), lambda: member(cast, 2)):
        change()
        with pytest.raises(Refused, match="会员有了变化"):
            confirm_inspection(cast.union, window=window, version=version, by=cast.officer)
        version = version_of_members(cast.union)
    assert confirm_inspection(cast.union, window=window, version=version, by=cast.officer)


def test_not_while_an_import_is_in_work(cast):
    window = opened(cast)
    send(cast, member_row(1))
    with pytest.raises(Refused, match="导入正在处理中"):
        confirmed(cast, window)


def test_twice_names_the_first_and_others_may_not(cast):
    window = opened(cast)
    member(cast, 1)
    confirmed(cast, window)
    with pytest.raises(Refused, match="无需重复确认"):
        confirmed(cast, window)
    for by in (cast.neighbour_officer, cast.reviewer):
        with pytest.raises(Refused, match="经办人"):
            confirm_inspection(cast.union, window=window, version="", by=by)


@pytest.mark.server
def test_before_its_first_day_nobody_confirms(cast):
    window = opened(cast, begins=3)
    with pytest.raises(Refused, match="请届时再确认"):
        confirmed(cast, window)


@pytest.mark.server
def test_both_inspections_are_open_side_by_side_and_counted_apart(cast, client):
    organisations, members = opened_any(cast), opened(cast)
    member(cast, 1)
    confirmed(cast, members)
    assert completion(members, cast.street)[0].done == 1
    assert completion(organisations, cast.street)[0].done == 0
    client.force_login(cast.officer)
    assert client.get(reverse("inspections:home")).context["confirmation"] is None
    with pytest.raises(Refused, match="已有年检"):
        opened(cast)
    assert client.post(PAGE, {"window": organisations.pk, "checked": "1"}).status_code == 404


def test_an_organisations_window_is_not_confirmed_as_the_members(cast, client):
    window = opened(cast)
    client.force_login(cast.officer)
    sent = {"window": window.pk, "version": version_of_members(cast.union), "checked": "1"}
    assert client.post(reverse("inspections:confirm"), sent).status_code == 404


# Superiors


def test_superiors_follow_it_see_the_figures_and_the_list_and_reopen(cast, client):
    person = member(cast, 1)
    window = opened(cast)
    confirmation = confirmed(cast, window)
    member(cast, 2)
    client.force_login(cast.reviewer)
    assert "会员年检" in client.get(PAGE).content.decode()
    page = client.get(reverse("inspections:confirmation", args=[confirmation.pk])).content.decode()
    assert "会员人数" in page
    names = client.get(reverse("inspections:member_list", args=[confirmation.pk])).content.decode()
    assert person.number in names
    assert names.count('data-label="会员编号"') == 1
    assert person.document_number not in names
    sent = client.post(reverse("inspections:export_members", args=[confirmation.pk]))
    lines = list(load_workbook(BytesIO(b"".join(sent.streaming_content))).active.values)
    assert lines[1][0] == person.number
    assert Entry.objects.filter(verb="inspection.members_exported", data__count=1).exists()
    reopen_confirmation(confirmation, reason="有误", by=cast.reviewer)
    assert cast.officer.notices.filter(url=PAGE).exists()
    assert confirmed(cast, window) != confirmation


def test_officers_are_told_of_the_members_page(cast):
    window = opened(cast)
    remind_union(window, cast.union, by=cast.reviewer)
    assert cast.officer.notices.filter(url=PAGE, title__contains="会员年检", body__contains="会员信息").exists()


def test_the_lists_ask_as_many_queries_for_100_rows_as_for_10(cast, client):
    for _ in range(100):
        person = make_member(cast.union)
        Member.objects.filter(pk=person.pk).update(mobile_sealed=None)
    confirmation = confirmed(cast, opened(cast))
    client.force_login(cast.officer)
    addresses = (
        reverse("inspections:doubtful", args=["mobile"]),
        reverse("inspections:member_list", args=[confirmation.pk]),
    )
    for address in addresses:
        client.get(address)
        asked = []
        for size in (10, 100):
            with CaptureQueriesContext(connection) as queries:
                page = client.get(address, {"size": size})
            asked.append(len(queries))
            assert len(page.context["page"].rows) == size
        assert asked[0] == asked[1]
