"""The rules of a member's values (SPEC 3.3)."""

import time
from datetime import date, timedelta

import pytest
from django.utils import timezone

from gonghui.kit.documents import id_check_digit
from gonghui.members.fields import FIELDS, LABELS
from gonghui.members.validation import document_key, validate_member
from tests.factories import resident_id
from tests.members.people import typed, values


def problems_of(**changes) -> list[tuple[str, str, str]]:
    checked, problems = validate_member(typed(1, **changes))
    assert checked is None
    return problems


def fields_of(**changes) -> list[str]:
    return [problem[0] for problem in problems_of(**changes)]


def test_a_good_member_passes_in_normal_form():
    checked = values(2, document_number=f" {typed(2)['document_number'].lower()} ", mobile="+86 199-0000-0002")
    assert checked.document_number == typed(2)["document_number"]
    assert (checked.mobile, checked.position, checked.education) == ("19900000002", "member", "bachelor")


def test_codes_are_taken_by_label_or_value():
    by_label = values(
        3, position="工会主席", document_type="身份证", education="本科", household="非农业", skill_level="高级技师"
    )
    assert (by_label.position, by_label.document_type) == ("chair", "resident_id")
    assert (by_label.education, by_label.household, by_label.skill_level) == ("bachelor", "urban", "senior_technician")


def test_an_unknown_code_is_told_with_the_choices():
    [(field, wrong, right)] = problems_of(education="博士后")
    assert field == "education"
    assert "博士后" in wrong
    assert "博士研究生" in right


def test_the_resident_id_fills_sex_and_birth_date():
    checked = values(4, document_number=resident_id(7, born=date(1988, 2, 29), male=False), sex="", born_on="")
    assert (checked.sex, checked.born_on) == ("female", date(1988, 2, 29))


def test_unknown_sex_is_filled_and_no_contradiction():
    assert values(4, document_number=resident_id(7, male=True), sex="未知", born_on="").sex == "male"


def test_a_contradiction_is_refused_with_both_values():
    number = resident_id(8, born=date(1990, 1, 1), male=True)
    sex, born = problems_of(document_number=number, sex="女", born_on="1990-01-02")
    assert sex[0] == "sex"
    assert "女" in sex[1]
    assert "男" in sex[1]
    assert born[0] == "born_on"
    assert "1990-01-02" in born[1]
    assert "1990-01-01" in born[1]


@pytest.mark.parametrize("missing", ["name", "document_number", "mobile"])
def test_what_is_required_is_asked_for_once(missing):
    assert fields_of(**{missing: ""}) == [missing]


def test_an_empty_row_tells_each_missing_value_once():
    checked, problems = validate_member({})
    assert checked is None
    assert [problem[0] for problem in problems] == ["name", "mobile", "document_number"]


def test_a_passport_tells_nothing_so_sex_and_birth_date_are_required():
    assert fields_of(document_type="护照", document_number="E12345678", sex="", born_on="") == ["sex", "born_on"]
    assert values(5, document_type="passport", document_number="e12345678").document_number == "E12345678"


def test_optional_values_may_be_empty_and_the_rest_defaults():
    checked = values(6, address="", education="", household=None, skill_level="", position="", document_type="")
    assert (checked.address, checked.education, checked.household, checked.skill_level) == ("", "", "", "")
    assert (checked.position, checked.document_type) == ("member", "resident_id")


def test_a_residence_permit_typed_as_resident_id_is_registered_as_what_it_is():
    body = "81000019900101001"
    checked = values(7, document_number=body + id_check_digit(body), sex="", born_on="")
    assert checked.document_type == "hmt_residence"


@pytest.mark.parametrize(
    "name", ["买买提·艾力", "阿布都热合曼·买买提明", "王𠮷", "欧阳𬱖", "Mary Jane O'Neil", "王" * 50]
)
def test_names_that_people_have_are_kept(name):
    assert values(8, name=name).name == name


@pytest.mark.parametrize("name", ["王😀明", "王" * 100, "王", "王1明", "=cmd()", "<b>王明</b>"])
def test_names_that_nobody_has_are_refused(name):
    assert fields_of(name=name) == ["name"]


@pytest.mark.parametrize("number", ["310110199001010012", "310110199002300015", "31011019900101001", "１２３"])
def test_a_wrong_number_is_one_problem_and_is_never_repeated(number):
    [(field, wrong, right)] = problems_of(document_number=number, sex="", born_on="")
    assert field == "document_number"
    assert number not in wrong + right
    assert not wrong.endswith("。")
    assert right.startswith("请")


@pytest.mark.parametrize("born_on", ["1990-02-30", "昨天", "1/2/1990"])
def test_a_date_that_is_none_is_refused(born_on):
    assert fields_of(document_type="护照", document_number="E12345678", born_on=born_on) == ["born_on"]


@pytest.mark.parametrize("born_on", ["1990/1/2", "1990年1月2日", "19900102", date(1990, 1, 2)])
def test_a_date_may_be_written_in_any_clear_way(born_on):
    assert values(9, document_type="护照", document_number="E12345678", born_on=born_on).born_on == date(1990, 1, 2)


def birthday(years: int) -> date:
    today = timezone.localdate()
    return today.replace(year=today.year - years, day=min(today.day, 28))


def test_nobody_under_sixteen_is_a_member():
    """《劳动法》第十五条."""
    passport = {"document_type": "护照", "document_number": "E12345678"}
    assert fields_of(**passport, born_on=birthday(16) + timedelta(days=5)) == ["born_on"]
    assert values(9, **passport, born_on=birthday(16)).born_on == birthday(16)
    assert fields_of(**passport, born_on=timezone.localdate() + timedelta(days=1)) == ["born_on"]
    assert fields_of(**passport, born_on=birthday(102)) == ["born_on"]
    child = resident_id(3, born=birthday(10))
    assert fields_of(document_number=child, born_on="", sex="") == ["document_number"]


def test_an_address_is_one_line_of_at_most_a_hundred_characters():
    assert values(10, address="  杨浦区\n示例路  1号 ").address == "杨浦区 示例路 1号"
    assert fields_of(address="路" * 101) == ["address"]


def test_the_key_tells_type_and_number_apart():
    assert document_key("passport", "E12345678") != document_key("other", "E12345678")
    assert len(document_key("passport", "E12345678")) == 32


def test_nothing_personal_in_a_repr_and_a_label_for_each_field():
    assert repr(values(11)) == "<MemberValues>"
    assert set(FIELDS) == set(LABELS)


def test_ten_thousand_rows_take_a_fraction_of_a_second():
    rows = [typed(seed) for seed in range(2000)]
    started = time.process_time()
    assert all(validate_member(row)[0] for row in rows)
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize("expires_on", ["2035/12/31", "2035年12月31日", date(2035, 12, 31)])
def test_a_document_may_have_an_end_and_need_not(expires_on):
    assert values(9, expires_on=expires_on).expires_on == date(2035, 12, 31)
    assert values(9).expires_on is None
    assert fields_of(expires_on="2035-02-30") == ["expires_on"]
