"""《工会会员信息采集表》: every column to the letter, and what counts as missing (SPEC 3.10)."""

from datetime import date

import pytest
from django.db.models import Q
from django.utils.timezone import localdate

from gonghui.members.codes import Education, SkillLevel
from gonghui.members.memberships import move
from gonghui.members.models import Member, Membership
from gonghui.members.retention.actions import retain
from gonghui.national import queries
from gonghui.national.member_form import COLUMNS, MEMBER_FORM
from tests.factories import change_member, make_member
from tests.members.people import typed
from tests.national.stories import collecting_all, contents, exported, grid, rows, whole_member

pytestmark = pytest.mark.django_db

HEADINGS = [
    "序号",
    "姓名",
    "性别",
    "出生日期",
    "民族",
    "就业状况",
    "有效证件类别",
    "证件号码",
    "学历",
    "技术等级",
    "移动电话",
    "户籍类型",
    "户籍所在地",
    "会籍变化类型",
    "会籍变化日期",
    "会籍变化原因",
    "政治面貌",
    "工作单位",
    "籍贯",
    "是否农民工会员",
]


def the_row(cast) -> dict[str, str]:
    (row,) = rows(exported(cast.officer))
    return row


def missing(member: Member) -> list[str]:
    return queries.lacking(MEMBER_FORM, [member.pk])[member.pk]


def test_the_form_has_its_title_its_heads_and_twenty_columns_from_row_five(cast):
    collecting_all(cast)
    whole_member(cast)
    (data,) = contents(exported(cast.officer))
    lines = grid(data)
    assert lines[0][0] == "附件四"
    assert lines[1][0] == "工会会员信息采集表"
    assert [text for text in lines[2] if text] == [f"填表单位（盖章）：{cast.union.name}", "单位负责人（签字）："]
    assert lines[3] == HEADINGS
    assert len(HEADINGS) == 20
    assert lines[4][0] == "1"


def test_every_column_has_the_forms_words(cast):
    collecting_all(cast)
    member = whole_member(cast, education="vocational", skill_level="senior_technician")
    person = typed(1)
    assert the_row(cast) == {
        "序号": "1",
        "姓名": member.name,
        "性别": "男" if person["sex"] == "male" else "女",
        "出生日期": person["born_on"].replace("-", "/"),
        "民族": "回族",
        "就业状况": "在岗",
        "有效证件类别": "身份证",
        "证件号码": person["document_number"],
        "学历": "中专",
        "技术等级": "职业资格一级（高级技师）",
        "移动电话": person["mobile"],
        "户籍类型": "非农业户口",
        "户籍所在地": "上海市杨浦区五角场街道",
        "会籍变化类型": "入会",
        "会籍变化日期": "2022/03/01",
        "会籍变化原因": "",
        "政治面貌": "中共党员",
        "工作单位": "上海示例劳务有限公司",
        "籍贯": "江苏省昆山市",
        "是否农民工会员": "否",
    }
    assert missing(member) == []


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        ("性别", "男 女"),
        ("就业状况", "在岗 待（下）岗 失业 退休 退职 退养（内退） 病休 其他"),
        ("学历", "博士 硕士 本科 大专 中专 高中 初中 小学及以下"),
        ("技术等级", "无 职业资格一级（高级技师） 二级（技师） 三级（高级） 四级（中级） 五级（初级）"),
        ("户籍类型", "农业户口 非农业户口"),
        ("会籍变化类型", "入会 转入 保留 转出 除名 退会"),
        (
            "会籍变化原因",
            "劳动（工作）关系发生变化 在本单位下岗后待岗 失业 所在企业破产 个人要求退会 因犯罪被开除会籍",
        ),
        (
            "政治面貌",
            "中共党员 中共预备党员 共青团员 民革党员 民盟盟员 民建会员 民进会员 农工党党员 致公党党员 九三学社社员 "
            "台盟盟员 无党派人士 群众",
        ),
        ("是否农民工会员", "是 否"),
    ],
)
def test_the_drop_downs_have_the_forms_words_in_its_order(heading, words):
    assert list(next(column.values for column in COLUMNS if column.heading == heading)) == words.split()


def test_the_drop_down_of_peoples_has_the_56():
    peoples = next(column.values for column in COLUMNS if column.heading == "民族")
    assert (len(peoples), peoples[0]) == (56, "汉族")


def test_every_code_of_ours_has_a_word_or_counts_as_missing(cast):
    """Only 居民户 and 其他 of the registers, and 未知 of the sexes, have none."""
    for education in Education:
        member = make_member(cast.union, education=education, skill_level=SkillLevel.NONE, household="urban")
        assert "学历" not in missing(member)
    for household in ("resident", "other", ""):
        member = make_member(cast.union, education="master", skill_level="none", household=household)
        assert missing(member) == ["户籍类型"]
    assert "性别" in missing(make_member(cast.union, sex="unknown"))


def test_what_the_form_does_not_know_stays_empty_and_counts(cast):
    collecting_all(cast)
    whole_member(cast, household="resident", ethnicity="97")
    export = exported(cast.officer)
    (row,) = rows(export)
    assert (row["户籍类型"], row["民族"]) == ("", "")
    assert export.incomplete == 1


def test_each_column_that_is_empty_is_counted_with_its_members(cast):
    collecting_all(cast)
    whole_member(cast)
    bare = make_member(cast.union, born_on=None)
    Member.objects.filter(pk=bare.pk).update(mobile_sealed=None)
    gaps = queries.gaps_of(MEMBER_FORM, Member.objects.filter(union=cast.union), MEMBER_FORM.asked())
    wanted = [
        "出生日期",
        "民族",
        "就业状况",
        "学历",
        "技术等级",
        "移动电话",
        "户籍类型",
        "户籍所在地",
        "政治面貌",
        "籍贯",
        "是否农民工会员",
    ]
    assert [(column.heading, count) for column, count in gaps] == [(heading, 1) for heading in wanted]
    assert missing(bare) == wanted
    assert queries.member_figures([cast.union.pk])[cast.union.pk].incomplete == 1


def test_what_the_city_does_not_collect_is_empty_and_no_gap(cast):
    whole_member(cast)
    Member.objects.update(employment="employed", workplace="别处")
    row = the_row(cast)
    uncollected = ["民族", "就业状况", "户籍所在地", "政治面貌", "籍贯", "是否农民工会员"]
    assert [row[heading] for heading in uncollected] == [""] * 6
    assert row["工作单位"] == cast.union.employer.name
    assert MEMBER_FORM.not_collected(MEMBER_FORM.asked()) == uncollected
    assert missing(Member.objects.get()) == []


def test_who_works_at_the_unions_own_employer_is_told_so(cast):
    collecting_all(cast)
    whole_member(cast)
    Member.objects.update(workplace="")
    assert the_row(cast)["工作单位"] == cast.union.employer.name


def change(cast) -> tuple[str, str, str]:
    row = the_row(cast)
    return row["会籍变化类型"], row["会籍变化日期"], row["会籍变化原因"]


def test_who_joined_has_the_day_of_joining(cast):
    member = make_member(cast.union)
    began = Membership.objects.get(member=member).began_on
    assert change(cast) == ("入会", f"{began:%Y/%m/%d}", "")


def test_who_was_transferred_came_on_that_day(cast):
    member = make_member(cast.neighbour)
    move([member.pk], to=cast.union, reason=Membership.Reason.TRANSFERRED, act=None)
    began = Membership.objects.get(member=member, ended_on=None).began_on
    assert change(cast) == ("转入", f"{began:%Y/%m/%d}", "")


@pytest.mark.parametrize(
    ("retained_for", "reason"),
    [("unemployed", "失业"), ("laid_off", "在本单位下岗后待岗"), ("bankrupt", "所在企业破产")],
)
def test_whose_membership_is_retained_has_day_and_reason(cast, retained_for, reason):
    member = make_member(cast.union)
    retain(cast.union, [member.pk], reason=retained_for, on=localdate(), by=cast.officer)
    assert change(cast) == ("保留", f"{localdate():%Y/%m/%d}", reason)


def test_a_reason_that_the_form_does_not_know_is_missing(cast):
    member = make_member(cast.union, education="master", skill_level="none", household="urban")
    retain(cast.union, [member.pk], reason="military", on=localdate(), by=cast.officer)
    assert missing(member) == ["会籍变化原因"]
    assert change(cast)[2] == ""


def test_every_sealed_or_coded_column_that_changes_makes_another_version(cast):
    collecting_all(cast)
    member = whole_member(cast)

    def version():
        return Member.objects.annotate(now=MEMBER_FORM.version()).get(pk=member.pk).now

    seen = {version()}
    changes = {
        "name": "王二", "education": "master", "household": "rural", "skill_level": "none", "employment": "retired",
        "workplace": "别处", "migrant_worker": "yes", "mobile": "19900001111", "ethnicity": "01",
        "native_place": "浙江省", "household_place": "别处", "political_status": "13", "joined_on": date(2016, 1, 1),
    }  # fmt: skip
    for number, (name, value) in enumerate(changes.items(), start=2):
        change_member(member, **{name: value})
        seen.add(version())
        assert len(seen) == number, name
    Member.objects.filter(Q(pk=member.pk)).update(has_card=True, position="chair")
    assert version() in seen
