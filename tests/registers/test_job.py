"""What a load does to the registers: counted beforehand, written once, the same file twice changes nothing."""

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from gonghui.audit.models import Entry
from gonghui.kit.invent import invent_org_code, invent_person, invent_uscc
from gonghui.members.models import Member, Membership
from gonghui.notices.models import Notice
from gonghui.registers import actions, job
from gonghui.registers.models import Line, Load, Piece, Register
from gonghui.unions.models import Employer, RegisteredEmployer
from tests.factories import make_member
from tests.registers.files import checked, counts, csv_of, employer_line, loaded, people_csv, person_line

pytestmark = [pytest.mark.django_db, pytest.mark.server]

EMPLOYERS, MEMBERS = Register.EMPLOYERS, Register.MEMBERS


def problems(load: Load) -> list[tuple[int, str, str]]:
    return [(one.row, one.heading, one.wrong) for one in load.problems]


def versions() -> int:
    return Member.events.rel.related_model.objects.count()


# The statistical register


def test_what_a_file_would_change_is_counted_and_nothing_is_changed(cast):
    load = checked(csv_of(map(employer_line, range(3))), by=cast.platform_admin)
    assert (load.state, counts(load), load.rows_total) == ("waiting", (3, 0, 0, 0), 3)
    assert not RegisteredEmployer.objects.exists()


def test_confirmed_it_is_loaded_with_its_codes_and_its_street(cast):
    line = employer_line(1, 单位名称="上海 示例 有限公司", 街镇代码=cast.street.code)
    load = loaded(csv_of([line, employer_line(2, 经济类型="", 职工人数="")]), by=cast.platform_admin)
    assert (load.state, load.message) == ("done", "新增 2 家，变更 0 家。")
    one, two = RegisteredEmployer.objects.order_by("pk")
    assert (one.name, one.name_key, one.code) == ("上海 示例 有限公司", "上海示例有限公司", invent_uscc(1))
    assert (one.economic_type, one.industry, one.staff_count, one.street) == ("private", "C", 2, cast.street)
    assert (two.economic_type, two.staff_count, two.street) == ("", None, None)


def test_the_same_file_again_changes_nothing(cast):
    data = csv_of(map(employer_line, range(3)))
    loaded(data)
    before = list(RegisteredEmployer.objects.order_by("pk").values())
    load = loaded(data)
    assert (load.state, load.message, counts(load)) == ("done", "没有变化。", (0, 0, 3, 0))
    assert list(RegisteredEmployer.objects.order_by("pk").values()) == before


def test_a_line_changes_what_it_says_and_empties_nothing(cast):
    loaded(csv_of([employer_line(1, 街镇代码=cast.street.code), employer_line(2)]))
    load = loaded(csv_of([employer_line(1, 职工人数="77", 单位地址="", 经济类型=""), employer_line(2)]))
    assert counts(load) == (0, 1, 1, 0)
    one = RegisteredEmployer.objects.get(code=invent_uscc(1))
    assert (one.staff_count, one.address, one.economic_type, one.street) == (77, "示例路1号", "private", cast.street)


def test_a_file_without_a_column_leaves_it_as_it_is(cast):
    loaded(csv_of([employer_line(1)]))
    load = loaded(csv_of([[invent_uscc(1), "上海改名有限公司"]], ["代码", "名称"]))
    assert (counts(load), RegisteredEmployer.objects.get().staff_count) == ((0, 1, 0, 0), 2)


@pytest.mark.parametrize(
    ("changed", "heading", "wrong"),
    [
        ({"单位名称": ""}, "单位名称", "没有填写单位名称"),
        ({"单位名称": "上" * 101}, "单位名称", "内容有 101 个字符"),
        ({"统一社会信用代码": "91310000MA00000000"}, "统一社会信用代码", "校验"),
        ({"统一社会信用代码": ""}, "统一社会信用代码", "没有填写"),
        ({"经济类型": "大公司"}, "经济类型", "代码表中没有“大公司”"),
        ({"职工人数": "三十"}, "职工人数", "不是合理的数字"),
        ({"职工人数": "1000001"}, "职工人数", "不是合理的数字"),
        ({"街镇代码": "999999"}, "街镇代码", "没有代码为“999999”的街镇"),
    ],
)
def test_a_wrong_line_is_told_with_its_place_and_the_others_are_loaded(cast, changed, heading, wrong):
    load = loaded(csv_of([employer_line(1), employer_line(2, **changed)]))
    ((row, column, words),) = problems(load)
    assert (row, column) == (3, heading)
    assert wrong in words
    assert (load.state, counts(load)) == ("done", (1, 0, 0, 1))


def test_lines_that_repeat_each_other_are_all_told_and_none_is_loaded(cast):
    lines = [employer_line(1), employer_line(2), employer_line(1, 单位名称="上海别名有限公司"), employer_line(1)]
    load = loaded(csv_of(lines))
    assert [(row, words) for row, _, words in problems(load)] == [
        (2, "与第 4 行的代码相同"),
        (4, "与第 2 行的代码相同"),
        (5, "与第 4 行的代码相同"),
    ]
    assert counts(load) == (1, 0, 0, 3)
    assert RegisteredEmployer.objects.get().code == invent_uscc(2)


def test_a_file_of_one_employer_alone_is_not_loaded_and_every_line_is_counted(cast):
    rows = job.PROBLEMS_KEPT + 500
    load = checked(csv_of(employer_line(1) for _ in range(rows)))
    assert (load.state, load.rows_wrong, load.problem_count) == ("failed", rows, rows)
    assert len(load.problems) == job.PROBLEMS_KEPT
    assert "没有可以载入的行" in load.message


def test_lines_are_not_compared_each_with_each_whatever_the_server_knows_of_the_table(cast):
    plans: list[tuple[str]] = []

    def explained(execute, sql, params, many, context):
        if "lag(line)" in sql:
            execute(f"EXPLAIN {sql}", params, many, context)
            plans.extend(context["cursor"].fetchall())
        return execute(sql, params, many, context)

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE registers_line")  # it is empty
    with connection.execute_wrapper(explained):
        checked(csv_of(map(employer_line, range(100))))
    assert plans
    assert "Nested Loop" not in str(plans)


def test_headings_alone_are_no_file(cast):
    load = checked(csv_of([]))
    assert (load.state, "只有表头" in load.message) == ("failed", True)


# The member register


def test_a_person_is_registered_sealed_numbered_and_bound_to_the_employer(cast):
    employer = Employer.objects.get(union=cast.union)
    load = loaded(people_csv([person_line(1, 组织机构代码=employer.code), person_line(2)]), MEMBERS)
    assert (load.state, counts(load)) == ("done", (2, 0, 0, 0))
    person = invent_person(1)
    one, two = Member.objects.order_by("pk")
    assert (one.name, one.union, one.status, one.unit_code) == (person.name, None, "unattached", employer.code)
    assert (one.document_number, one.mobile, one.address) == (person.resident_id, person.mobile, person.address)
    assert (one.born_on, one.position, one.education) == (person.born_on, "member", "bachelor")
    assert person.resident_id.encode() not in bytes(one.document_sealed)
    assert [each.number for each in (one, two)] == ["0100000001", "0000000001"]  # of the district, of the city
    assert [(stay.union, stay.ended_on) for stay in Membership.objects.all()] == [(None, None)] * 2


def test_where_the_statistical_register_has_the_employer_its_district_numbers(cast):
    loaded(csv_of([employer_line(5, 街镇代码=cast.company.code)]))
    loaded(people_csv([person_line(1, 组织机构代码=invent_uscc(5))]), MEMBERS)
    assert Member.objects.get().number == "0500000001"


def test_the_same_people_again_change_nothing_and_leave_no_version(cast):
    data = people_csv(map(person_line, range(5)))
    loaded(data, MEMBERS)
    load = loaded(data, MEMBERS)
    assert (load.message, counts(load), versions()) == ("没有变化。", (0, 0, 5, 0), 0)


def test_who_is_registered_keeps_name_and_number_and_gets_what_the_line_says(cast):
    loaded(people_csv([person_line(1), person_line(2)]), MEMBERS)
    before = Member.objects.order_by("pk")[0]
    changed = person_line(1, 移动电话="19900009999", 联系地址="", 组织机构代码=invent_org_code(9))
    load = loaded(people_csv([changed, person_line(2)]), MEMBERS)
    after = Member.objects.get(pk=before.pk)
    assert (counts(load), versions()) == ((0, 1, 1, 0), 1)
    assert (after.mobile, after.address, after.unit_code) == ("19900009999", before.address, invent_org_code(9))
    assert (after.number, after.name, after.seal_id) == (before.number, before.name, before.seal_id)


def test_a_member_of_a_union_stays_as_the_union_has_it(cast):
    person = invent_person(1)
    member = make_member(cast.union, name=person.name, number=person.resident_id)
    load = loaded(people_csv([person_line(1, 移动电话="19900009999")]), MEMBERS)
    assert (load.state, load.rows_elsewhere, counts(load)) == ("done", 1, (0, 0, 0, 0))
    assert Member.objects.get().mobile == member.mobile


@pytest.mark.parametrize(
    ("changed", "heading", "wrong"),
    [
        ({"姓名": ""}, "姓名", "没有填写姓名"),
        ({"证件号码": "310110199001010010"}, "证件号码", "校验"),
        ({"移动电话": "123"}, "移动电话", "手机"),
        ({"学历": "很高"}, "学历", "没有“很高”"),
        ({"组织机构代码": ""}, "组织机构代码", "没有填写组织机构代码"),
        ({"组织机构代码": "123456789"}, "组织机构代码", "校验"),
    ],
)
def test_a_wrong_person_is_told_as_the_member_import_tells_it(cast, changed, heading, wrong):
    load = loaded(people_csv([person_line(1), person_line(2, **changed)]), MEMBERS)
    ((row, column, words),) = problems(load)
    assert (row, column) == (3, heading)
    assert wrong in words
    assert counts(load) == (1, 0, 0, 1)


def test_a_known_number_under_another_name_is_refused(cast):
    loaded(people_csv([person_line(1)]), MEMBERS)
    load = loaded(people_csv([person_line(1, 姓名="欧阳不同")]), MEMBERS)
    ((_, column, words),) = problems(load)
    assert (load.state, column) == ("failed", "证件号码")
    assert "登记在另一个姓名下" in words
    assert invent_person(1).resident_id not in str(load.problems)


def test_one_person_twice_in_a_file_is_told_without_the_number(cast):
    load = loaded(people_csv([person_line(1), person_line(2), person_line(1)]), MEMBERS)
    assert [row for row, _, _ in problems(load)] == [2, 4]
    assert invent_person(1).resident_id not in str(load.problems)
    assert Member.objects.count() == 1


# What is left, recorded and told


def test_the_file_and_its_lines_are_gone_when_it_has_ended(cast):
    load = checked(csv_of([employer_line(1)]))
    assert Piece.objects.exists()
    assert Line.objects.exists()
    job.run(actions.confirm(load, by=None).pk)
    assert not Piece.objects.exists()
    assert not Line.objects.exists()


def test_every_step_is_recorded_and_whoever_began_it_is_notified(cast):
    loaded(csv_of([employer_line(1), employer_line(2, 单位名称="")]), by=cast.platform_admin)
    verbs = Entry.objects.filter(verb__startswith="register.").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["register.uploaded", "register.checked", "register.confirmed", "register.loaded"]
    assert Entry.objects.get(verb="register.loaded").data["wrong"] == 1
    assert Notice.objects.filter(user=cast.platform_admin).count() == 2


def test_a_load_that_was_given_up_is_told_and_its_file_is_gone(cast):
    load = checked(csv_of([employer_line(1)]), by=cast.platform_admin)
    actions.confirm(load, by=cast.platform_admin)
    job.give_up(load.pk)
    load.refresh_from_db()
    assert (load.state, "再上传一次同一个文件" in load.message) == ("failed", True)
    assert not Piece.objects.exists()


def test_a_load_that_is_at_work_is_not_given_up(cast):
    load = checked(csv_of([employer_line(1)]))
    actions.confirm(load, by=None)
    with other_session() as session:
        session.execute("SELECT pg_advisory_lock(%s, %s::int)", [job._LOCK, load.pk])
        job.give_up(load.pk)
        assert Load.objects.get().state == "loading"
        with pytest.raises(job.TryAgain):
            job.run(load.pk)


def other_session() -> psycopg.Connection:
    settings = connection.settings_dict
    return psycopg.connect(
        host=settings["HOST"], port=settings["PORT"], user=settings["USER"], password=settings["PASSWORD"],
        dbname=settings["NAME"], autocommit=True,
    )  # fmt: skip


def test_a_load_goes_on_behind_the_last_line_that_was_written(cast, monkeypatch):
    monkeypatch.setattr(job, "CHUNK", 10)
    load = checked(csv_of(map(employer_line, range(35))))
    actions.confirm(load, by=None)

    def killed(load: Load) -> None:
        if load.rows_done > 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        job.run(load.pk, killed)
    assert RegisteredEmployer.objects.count() == 20
    job.run(load.pk)
    load.refresh_from_db()
    assert (load.state, load.added, RegisteredEmployer.objects.count()) == ("done", 35, 35)


def test_a_check_begins_anew_and_counts_once(cast, monkeypatch):
    monkeypatch.setattr(job, "CHUNK", 10)
    data = csv_of([*map(employer_line, range(25)), employer_line(3)])
    load = actions.begin(EMPLOYERS, "库.csv", len(data), by=None)
    actions.add_pieces(load, [data], by=None)
    actions.check(load, by=None)

    def killed(load: Load) -> None:
        if load.rows_done > 15:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        job.run(load.pk, killed)
    job.run(load.pk)
    load.refresh_from_db()
    assert (load.state, counts(load)) == ("waiting", (24, 0, 0, 2))


def test_who_joins_a_union_between_check_and_load_is_left_as_it_is(cast):
    load = checked(people_csv([person_line(1), person_line(2)]), MEMBERS)
    person = invent_person(1)
    make_member(cast.union, name=person.name, number=person.resident_id)
    job.run(actions.confirm(load, by=None).pk)
    load.refresh_from_db()
    assert (load.added, Member.objects.filter(union=None).count()) == (1, 1)
    assert "另有 1 行没有再改动" in load.message


def test_uploads_that_nobody_went_on_with_are_given_up_and_old_error_lists_emptied(cast):
    waiting = checked(csv_of([employer_line(1)]))
    wrong = checked(people_csv([person_line(1, 姓名="")]), MEMBERS)
    job.drop_old(timezone.now())
    waiting.refresh_from_db()
    wrong.refresh_from_db()
    assert (waiting.state, wrong.problems, wrong.problem_count) == ("discarded", [], 1)
