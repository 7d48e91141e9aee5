"""What the city asks for is in form, workbook, page and export alike; nobody who is in already is refused (SPEC 3.10)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import localdate
from openpyxl import load_workbook

from gonghui.accounts.models import Role
from gonghui.audit.models import Entry
from gonghui.imports.job import run_batch
from gonghui.imports.models import ImportState
from gonghui.kit.errors import Refused
from gonghui.members.fields import CORE, FIELDS, MemberValues
from gonghui.members.memberships import move, restore_members
from gonghui.members.models import Member
from gonghui.members.queries import Filters, listed_members
from gonghui.members.register.actions import add_member, edit_member, export_members, version_of
from gonghui.members.register.forms import values_of
from gonghui.members.retention.actions import resume, retain
from gonghui.members.roster.sheet import template
from gonghui.policies.hooks import SUBJECTS
from tests.exports.stories import taken
from tests.factories import make_member, make_user
from tests.members.people import typed, values
from tests.members.roster.test_actions import send
from tests.members.roster.test_undo import done
from tests.policies.stories import collecting
from tests.workbooks import HEADINGS, member_row

pytestmark = pytest.mark.django_db
SENSITIVE = ["民族", "籍贯", "户籍所在地", "政治面貌"]


def edit(cast, member: Member, **changed) -> None:
    member.refresh_from_db()
    now = MemberValues(**values_of(member))._replace(**changed)
    edit_member(member, now, version=version_of(member), by=cast.officer)


def errors(batch) -> list[tuple[int, str, str]]:
    return [(problem.row, problem.heading, problem.wrong) for problem in batch.problems]


def headings_of_template(tmp_path) -> list[str]:
    path = tmp_path / "template.xlsx"
    path.write_bytes(template())
    return [cell.value for cell in load_workbook(path).worksheets[0][1]]


def test_while_nothing_is_asked_for_all_is_as_the_manual_shows_it(cast, client, tmp_path):
    client.force_login(cast.officer)
    member = make_member(cast.union)
    form, page = client.get(reverse("members:add")).text, client.get(reverse("members:view", args=[member.pk])).text
    for field in FIELDS.values():
        assert (f'name="{field.name}"' in form) == (field in CORE)
        if field.by_policy:
            assert field.label not in page
    assert [heading.rstrip(" *").lstrip("* ") for heading in headings_of_template(tmp_path)] == HEADINGS


def test_what_is_asked_for_is_in_form_page_template_and_export(cast, client, tmp_path):
    collecting(cast)
    client.force_login(cast.officer)
    member = add_member(cast.union, values(ethnicity="01", employment="employed"), by=cast.officer)
    form, page = client.get(reverse("members:add")).text, client.get(reverse("members:view", args=[member.pk])).text
    headings = " ".join(headings_of_template(tmp_path))
    export_members(Member.objects.all(), tmp_path / "list.xlsx", by=cast.officer)
    exported = [cell.value for cell in load_workbook(tmp_path / "list.xlsx").worksheets[0][1]]
    for field in FIELDS.values():
        assert f'name="{field.name}"' in form
        assert field.label in page
        assert field.label in headings
        assert (field.label in exported) == (not field.sensitive)
    assert "在岗" in page
    assert "汉族" not in page, "masked until it is asked for"


def test_what_is_required_is_required_of_who_joins_at_every_door(cast, client):
    collecting(cast, ethnicity="required", employment="optional")
    with pytest.raises(Refused, match="没有填写民族") as refused:
        add_member(cast.union, values(1), by=cast.officer)
    assert refused.value.field == "ethnicity"
    client.force_login(cast.officer)
    answer = client.post(reverse("members:add"), typed(1))
    assert answer.status_code == 422
    assert "请填写民族。" in answer.text
    assert errors(send(cast, member_row(1))) == [(2, "民族", "没有填写民族")]
    add_member(cast.union, values(ethnicity="01"), by=cast.officer)
    batch = done(cast, [*member_row(2), "汉"], headings=[*HEADINGS, "民族"])
    assert batch.message == "新增会员 1 人。"


def test_from_a_later_day_it_is_asked_for_from_that_day(cast):
    collecting(cast, since=localdate() + timedelta(days=1), ethnicity="required")
    add_member(cast.union, values(1), by=cast.officer)


def test_who_is_in_already_may_keep_the_gap_but_what_is_there_is_not_emptied(cast):
    member = add_member(cast.union, values(1), by=cast.officer)
    collecting(cast, ethnicity="required")
    edit(cast, member, education="master")
    edit(cast, member, ethnicity="01")
    with pytest.raises(Refused, match="民族是必填的项目，不能清空") as refused:
        edit(cast, member, ethnicity="")
    assert refused.value.field == "ethnicity"
    assert done(cast, member_row(1, mobile="19911112222")).message == "新增会员 0 人。修改 1 名会员的资料。"


def test_who_comes_back_may_keep_the_gap_by_form_and_by_workbook_but_loses_nothing(cast):
    gap, whole = (add_member(cast.union, values(seed), by=cast.officer) for seed in (1, 2))
    collecting(cast, ethnicity="required")
    edit(cast, whole, ethnicity="01")
    move([gap.pk, whole.pk], to=None, reason="resigned")
    assert done(cast, member_row(1)).message.startswith("新增会员 0 人。另有 1 人原在会员库中")
    move([gap.pk], to=None, reason="resigned")
    assert add_member(cast.union, values(1), by=cast.officer) == gap
    with pytest.raises(Refused, match="民族是必填的项目，不能清空"):
        add_member(cast.union, values(2), by=cast.officer)
    done(cast, member_row(2))
    whole.refresh_from_db()
    assert whole.ethnicity == "01"


def test_a_column_that_is_collected_no_more_keeps_what_it_holds(cast):
    collecting(cast, ethnicity="optional")
    member = add_member(cast.union, values(ethnicity="01"), by=cast.officer)
    collecting(cast, ethnicity="off")
    edit(cast, member, education="master", ethnicity="")
    done(cast, [*member_row(1, mobile="19911112222"), "回族"], headings=[*HEADINGS, "民族"])
    member.refresh_from_db()
    assert (member.ethnicity, member.education) == ("01", "bachelor")


def test_a_form_that_was_opened_before_the_city_asked_is_not_saved_over_it(cast):
    member = add_member(cast.union, values(1), by=cast.officer)
    version = version_of(member)
    collecting(cast, ethnicity="optional")
    with pytest.raises(Refused, match="资料已被修改"):
        edit_member(member, values(1, education="master"), version=version, by=cast.officer)


def test_a_joining_before_the_founding_is_refused_unless_it_was_elsewhere(cast):
    collecting(cast, joined_on="optional")
    cast.union.founded_on = localdate() - timedelta(days=100)
    cast.union.save()
    early = (cast.union.founded_on - timedelta(days=1)).isoformat()
    with pytest.raises(Refused, match="早于本工会的建会日期") as refused:
        add_member(cast.union, values(1, joined_on=early), by=cast.officer)
    assert refused.value.field == "joined_on"
    assert errors(send(cast, [*member_row(1), early], headings=[*HEADINGS, "入会日期"]))[0][1] == "入会日期"
    member = make_member(cast.far)
    move([member.pk], to=cast.union, reason="transferred")
    edit(cast, member, joined_on=localdate() - timedelta(days=101))


def test_the_inspection_lists_the_gaps_each_with_the_members_concerned(cast, client):
    client.force_login(cast.officer)
    whole = add_member(cast.union, values(1), by=cast.officer)
    gap = add_member(cast.union, values(2), by=cast.officer)
    collecting(cast, ethnicity="required", employment="optional")
    edit(cast, whole, ethnicity="01")
    page = client.get(reverse("inspections:members"))
    assert "1 名会员没有填写民族" in " ".join(page.text.split())
    assert "就业状况" not in page.text
    [(_, _, address)] = page.context["gaps"]
    listed = client.get(address)
    assert [member.pk for member in listed.context["page"].rows] == [gap.pk]
    assert "没有填写：民族" in listed.text
    edit(cast, gap, ethnicity="01")
    assert client.get(reverse("inspections:members")).context["gaps"] == []


def test_gaps_are_searched_for_in_one_union_alone(cast):
    member = add_member(cast.union, values(1), by=cast.officer)
    wanted = Filters(missing="ethnicity")
    assert list(listed_members(cast.officer, wanted)) == [member]
    assert list(listed_members(cast.reviewer, wanted, cast.union)) == [member]
    assert not listed_members(cast.platform_admin, wanted).exists()


def test_whoever_has_no_duties_lacks_nothing_wherever_gaps_are_told(cast, client):
    whole, gap, retained = (add_member(cast.union, values(seed), by=cast.officer) for seed in (1, 2, 3))
    collecting(cast, ethnicity="required")
    edit(cast, whole, ethnicity="01")
    retain(cast.union, [retained.pk], reason="sick", on=localdate(), by=cast.officer)
    wanted = Filters(missing="ethnicity")
    client.force_login(cast.officer)

    def told() -> list[int]:
        [(_, count, _)] = client.get(reverse("inspections:members")).context["gaps"]
        listed = [member.pk for member in listed_members(cast.officer, wanted).order_by("pk")]
        rows, _ = SUBJECTS["member"].gaps(["ethnicity"])["ethnicity"]
        assert count == rows == len(listed)
        return listed

    assert told() == [gap.pk]
    resume(cast.union, [retained.pk], on=localdate(), by=cast.officer)
    assert told() == [gap.pk, retained.pk]


def test_whoever_has_no_duties_may_empty_what_is_required_of_others(cast):
    member = add_member(cast.union, values(1), by=cast.officer)
    collecting(cast, ethnicity="required")
    edit(cast, member, ethnicity="01")
    with pytest.raises(Refused, match="民族是必填的项目"):
        edit(cast, member, ethnicity="")
    retain(cast.union, [member.pk], reason="sick", on=localdate(), by=cast.officer)
    member.refresh_from_db()
    edit(cast, member, ethnicity="")
    member.refresh_from_db()
    assert member.ethnicity == ""


# 工号


def test_two_alike_in_a_union_are_refused_at_every_door_and_elsewhere_allowed(cast):
    collecting(cast, staff_number="optional")
    first = add_member(cast.union, values(1, staff_number="A1"), by=cast.officer)
    with pytest.raises(Refused, match=f"工号“A1”已登记给本工会会员{first.name}") as refused:
        add_member(cast.union, values(2, staff_number="A1"), by=cast.officer)
    assert refused.value.field == "staff_number"
    second = add_member(cast.union, values(2, staff_number="A2"), by=cast.officer)
    with pytest.raises(Refused, match="已登记给"):
        edit(cast, second, staff_number="A1")
    add_member(cast.far, values(3, staff_number="A1"), by=cast.far_officer)
    with_number = [*HEADINGS, "工号"]
    batch = send(cast, [*member_row(4), "A1"], [*member_row(5), "A7"], [*member_row(6), "A7"], headings=with_number)
    assert errors(batch) == [
        (2, "工号", f"工号“A1”已登记给本工会会员{first.name}"),
        (3, "工号", "与第 4 行的工号相同"),
        (4, "工号", "与第 3 行的工号相同"),
    ]
    assert send(cast, [*member_row(1), "A1"], headings=with_number).group_counts == {"same": 1}


def test_it_goes_when_the_member_leaves_and_comes_back_when_that_is_undone(cast):
    collecting(cast, staff_number="optional", workplace="optional")
    members = [
        add_member(cast.union, values(seed, staff_number=f"A{seed}", workplace="某厂"), by=cast.officer)
        for seed in (1, 2)
    ]
    act = "1be2c4a6-0000-4000-8000-000000000001"
    move([member.pk for member in members], to=None, reason="resigned", act=act)
    assert set(Member.objects.values_list("staff_number", "workplace")) == {("", "")}
    add_member(cast.union, values(3, staff_number="A2"), by=cast.officer)
    restore_members(cast.union, undone=act, act="1be2c4a6-0000-4000-8000-000000000002")
    found = dict(Member.objects.filter(pk__in=[member.pk for member in members]).values_list("pk", "staff_number"))
    assert found == {members[0].pk: "A1", members[1].pk: ""}, "the second number is somebody else's by now"


# What is sensitive


def test_it_is_sealed_masked_and_seen_in_full_only_on_request(cast, client):
    collecting(cast)
    member = add_member(
        cast.union, values(ethnicity="03", political_status="13", native_place="江苏昆山"), by=cast.officer
    )
    stored = Member.objects.filter(pk=member.pk).values().get()
    assert not any(text in str(stored) for text in ("03'", "江苏昆山"))
    client.force_login(cast.officer)
    assert "回族" not in client.get(reverse("members:view", args=[member.pk])).text
    assert "回族" in client.post(reverse("members:reveal", args=[member.pk])).text
    assert Entry.objects.filter(verb="member.revealed", object_id=member.pk).exists()


def test_it_is_exported_with_a_reason_that_is_recorded_and_by_who_may(cast, client):
    collecting(cast)
    add_member(cast.union, values(ethnicity="03"), by=cast.officer)
    for purpose in ("", "x", "很" * 201):
        with pytest.raises(Refused, match="请填写导出的用途"):
            taken(cast.officer, full=False, sensitive=True, purpose=purpose)
    reviewer = make_user(cast.street, Role.REVIEWER)
    for by in (reviewer, cast.viewer):
        with pytest.raises(Refused, match="只能由本工会的经办人或上级工会的管理员导出"):
            taken(by, full=False, sensitive=True)
    rows = taken(cast.officer, full=False, sensitive=True, purpose="填报信息采集表")
    assert dict(zip(*rows, strict=True))["民族"] == "回族"
    entry = Entry.objects.filter(verb="member.exported").latest("pk")
    assert (entry.data["sensitive"], entry.data["purpose"]) == (True, "填报信息采集表")
    client.force_login(reviewer)
    assert "一并导出" not in client.get(reverse("members:export")).text


# Bounds


def test_the_list_takes_as_many_statements_whatever_is_collected(cast, client):
    make_member(cast.union)
    client.force_login(cast.officer)
    counts = []
    for collect in (lambda: None, lambda: collecting(cast)):
        collect()
        client.get(reverse("members:list"))
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("members:list"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_an_import_that_is_queued_when_the_city_asks_for_more_is_checked_for_it(cast):
    batch = send(cast, member_row(1))
    collecting(cast, employment="required")
    run_batch(batch.pk)
    batch.refresh_from_db()
    assert batch.state == ImportState.FAILED
    assert errors(batch) == [(2, "就业状况", "没有填写就业状况")]
