"""The words that rosters use for a code: known, asked about, or told with the choices; never guessed."""

from datetime import date

import pytest

from gonghui.kit.excel import CellKind
from gonghui.members.codes import DocumentType
from gonghui.members.fields import FIELDS
from gonghui.members.validation import validate_member
from gonghui.members.words import EITHER, FOR_EVER, WORDS, meant, plain
from tests.factories import resident_id
from tests.members.people import typed, values

ALL = list(FIELDS.values())
CODES = {name: field.codes for name, field in FIELDS.items() if field.codes}
FORMS = {
    "sex": {"male": "男", "female": "女"},
    "education": {
        "doctor": "博士", "master": "硕士", "bachelor": "本科", "college": "大专", "vocational": "中专",
        "senior_secondary": "高中", "junior_secondary": "初中", "primary": "小学及以下",
    },
    "skill_level": {
        "none": "无", "senior_technician": "职业资格一级（高级技师）", "technician": "二级（技师）", "senior": "三级（高级）",
        "intermediate": "四级（中级）", "junior": "五级（初级）",
    },
    "household": {"rural": "农业户口", "urban": "非农业户口"},
    "employment": {"employed": "在岗", "laid_off": "待（下）岗", "early_retired": "退养（内退）", "severed": "退职"},
    "political_status": {"01": "中共党员", "10": "九三学社社员", "13": "群众"},
    "migrant_worker": {"yes": "是", "no": "否"},
}  # fmt: skip
"""The national form for members, as it prints its choices."""


def checked_all(raw, unread=()):
    """With the columns of the national form collected."""
    return validate_member(raw, unread, ALL)


ROSTERS = [
    ("document_type", "resident_id", "居民身份证"), ("document_type", "resident_id", "二代身份证"),
    ("document_type", "resident_id", "中华人民共和国居民身份证"), ("document_type", "taiwan_permit", "台胞证"),
    ("document_type", "hk_macao_permit", "回乡证"), ("document_type", "hmt_residence", "港澳居民居住证"),
    ("document_type", "foreign_permanent", "外国人永久居留证"), ("document_type", "passport", "外国护照"),
    ("document_type", "other", "军官证"), ("document_type", "other", "其它"),
    ("sex", "male", "男性"), ("sex", "female", "女 性"), ("sex", "male", "Ｍ"), ("sex", "female", "Female"),
    ("education", "vocational", "中专"), ("education", "vocational", "技校"), ("education", "college", "高职"),
    ("education", "bachelor", "全日制本科"), ("education", "master", "硕士学位"), ("education", "primary", "小学"),
    ("household", "urban", "城镇户口"), ("household", "rural", "农村"), ("household", "resident", "居民户口"),
    ("skill_level", "junior", "初级工"), ("skill_level", "junior", "5级"), ("skill_level", "senior", "高级工（三级）"),
    ("skill_level", "technician", "职业资格二级"), ("skill_level", "senior_technician", "一级/高级技师"),
    ("position", "chair", "主席"), ("position", "deputy_chair", "副主席"), ("position", "committee", "委员"),
    ("position", "audit_director", "经审主任"), ("position", "women_committee", "女工委员"),
    ("ethnicity", "01", "汉"), ("political_status", "03", "团员"), ("employment", "employed", "在职"),
    ("position", "group_leader", "组长"), ("position", "member", "普通会员"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value", "word"), [
    *((field, value, word) for field, words in FORMS.items() for value, word in words.items()), *ROSTERS,
])  # fmt: skip
def test_the_words_of_the_national_form_and_of_rosters_are_read(field, value, word):
    assert meant(CODES[field], word) == (value,)


def test_no_word_stands_for_two_choices_unless_it_is_asked_about():
    for codes, words in WORDS.items():
        listed = [word for line in words.values() for word in {plain(word) for word in line.split()}]
        either = [plain(word) for line, _ in EITHER.get(codes, ()) for word in line.split()]
        assert len(listed + either) == len({*listed, *either}), codes


def test_every_label_and_value_is_a_word_for_itself():
    for choices in CODES.values():
        for value, label in choices.choices:
            assert meant(choices, label) == meant(choices, f" {value} ") == (value,)


@pytest.mark.parametrize(
    ("field", "word", "one", "other"),
    [
        ("education", "研究生", "硕士研究生", "博士研究生"),
        ("education", "大学", "大学专科", "大学本科"),
        ("document_type", "通行证", "港澳居民来往内地通行证", "台湾居民来往大陆通行证"),
        ("position", "主任", "经费审查委员会主任", "女职工委员会主任"),
    ],
)
def test_a_word_that_could_be_two_is_asked_about(field, word, one, other):
    checked, [(at, wrong, right)] = checked_all(typed(1, **{field: word}))
    assert checked is None
    assert at == field
    for text in (wrong, right):
        assert one in text
        assert other in text


@pytest.mark.parametrize("field", CODES)
def test_an_unknown_word_is_told_with_all_choices(field):
    _, [(at, wrong, right)] = checked_all(typed(1, **{field: "甲乙丙"}))
    assert at == field
    assert "甲乙丙" in wrong
    assert all(label in right for label in CODES[field].labels)


PEOPLE = {
    "a resident": {"sex": "", "born_on": ""},
    "a resident, all filled in": {"sex": "", "born_on": ""} | {"sex": "男"},
    "a passport": {"document_type": "护照", "document_number": "E12345678", "sex": "男", "born_on": "1990-01-02"},
}
WRONG = {
    **{name: "昨天" if field.kind == CellKind.DATE else "路" * 101 for name, field in FIELDS.items()},
    **dict.fromkeys(CODES, "甲"),
    "document_number": "x",
}


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("field", FIELDS)
def test_one_wrong_cell_is_one_error(field, person):
    """None in the columns that follow from it: wrong, or worthless as the reader says."""
    given = typed(1, **PEOPLE[person])
    if person == "a resident, all filled in":
        given["document_number"] = resident_id(1, male=True)
    checked, problems = checked_all(given | {field: WRONG[field]})
    assert checked is None
    assert [problem[0] for problem in problems] == [field]
    for text in ("", given[field], "310110199001010018"):
        assert checked_all(given | {field: text}, {field}) == (None, [])


def test_a_residents_number_under_another_type_is_a_residents_number():
    checked, problems = checked_all(typed(1, document_type="护照", sex="", born_on=""))
    assert problems == []
    assert checked is not None
    assert checked.document_type == "resident_id"


# When a document ends, and dates


@pytest.mark.parametrize(
    "word", [*sorted(FOR_EVER), "2015.12.31-长期", "2015年12月31日至长期", "99991231", "9999-12-31"]
)
def test_a_document_without_an_end(word):
    assert values(1, expires_on=word).expires_on is None


@pytest.mark.parametrize("term", [
    "2015.12.31-2035.12.31", "2015.12.31—2035.12.31", "20151231-20351231", "2015-12-31至2035-12-31",
    "2015/12/31 ~ 2035/12/31", "2015年12月31日到2035年12月31日", "2015-12-31-2035-12-31", "2035.12.31",
])  # fmt: skip
def test_of_a_term_as_it_is_printed_the_end_counts(term):
    assert values(1, expires_on=term).expires_on == date(2035, 12, 31)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("1990-02-30", "1990 年 2 月只有 28 天，没有 30 日"),
        ("19901301", "没有 13 月"),
        ("1990", "只有年份，没有月和日"),
        ("1990年", "只有年份，没有月和日"),
        ("199001", "只有年和月，没有日"),
        ("1990.01", "只有年和月，没有日"),
        ("1990年1月", "只有年和月，没有日"),
        ("1/2/1990", "分不清哪个是月、哪个是日"),
        ("90-1-2", "没有写全四位的年份"),
        ("900102", "没有写全四位的年份"),
        ("昨天", "“昨天”不是日期"),
    ],
)
def test_the_sentence_for_a_date_tells_what_is_unclear(written, told):
    passport = {"document_type": DocumentType.PASSPORT, "document_number": "E12345678"}
    for field in ("born_on", "expires_on"):
        _, [(at, wrong, right)] = checked_all(typed(1, **passport) | {field: written})
        assert at == field
        assert told in wrong
        assert "1990-01-31" in right


def test_a_term_that_ends_before_it_begins_is_told():
    _, [(at, wrong, _)] = checked_all(typed(1, expires_on="2035.12.31-2015.12.31"))
    assert at == "expires_on"
    assert "早于起始日期" in wrong
