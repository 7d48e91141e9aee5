"""Rules of the national form's columns that look at more than one field (SPEC 3.10)."""

from datetime import date, timedelta

import pytest
from django.utils.timezone import localdate

from gonghui.members.fields import FIELDS
from gonghui.members.national import before_founding
from gonghui.members.validation import validate_member
from tests.members.people import typed

ALL = list(FIELDS.values())
PASSPORT = {"document_type": "passport", "document_number": "E12345678", "sex": "male", "born_on": "1990-05-06"}


def problems(**changed: str) -> list[tuple[str, str, str]]:
    return validate_member(typed(1, **PASSPORT) | changed, fields=ALL)[1]


def test_joined_before_the_sixteenth_birthday_names_both_dates():
    [(field, wrong, right)] = problems(joined_on="2006-05-05")
    assert field == "joined_on"
    assert "2006-05-05" in wrong
    assert "1990-05-06" in wrong
    assert right == "请核对入会日期和出生日期"
    assert problems(joined_on="2006-05-06") == []


def test_joined_tomorrow_is_refused():
    tomorrow = localdate() + timedelta(days=1)
    [(field, wrong, _)] = problems(joined_on=tomorrow.isoformat())
    assert (field, wrong) == ("joined_on", f"入会日期 {tomorrow:%Y-%m-%d} 晚于今天")


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"honour_level": "national", "honour_year": "1949"}, "“1949”不是年份"),
        ({"honour_level": "national", "honour_year": "2o20"}, "“2o20”不是年份"),
        ({"honour_level": "national", "honour_year": str(localdate().year + 1)}, "不是年份"),
        ({"honour_level": "none", "honour_year": "2020"}, "却没有荣誉"),
        ({"honour_year": "2020"}, "却没有荣誉"),
        ({"honour_level": "national", "honour_year": "2005"}, "与出生日期 1990-05-06 不符"),
    ],
)
def test_an_honour_and_its_year_belong_together(changed, sentence):
    [(field, wrong, _)] = problems(**changed)
    assert field == "honour_year"
    assert sentence in wrong


def test_only_a_foreigner_has_a_nationality():
    assert problems(nationality="法国") == []
    _, [(field, wrong, _)] = validate_member(typed(1, nationality="法国"), fields=ALL)
    assert (field, wrong) == ("nationality", "身份证的持有人是中国公民，不填国籍")


def test_a_date_before_the_unions_founding_names_both_dates():
    field, wrong, right = before_founding(date(2010, 1, 1), date(2010, 1, 2))
    assert (field, wrong) == ("joined_on", "入会日期 2010-01-01 早于本工会的建会日期 2010-01-02")
    assert "到本工会的日期" in right
    for joined, founded in ((date(2010, 1, 2), date(2010, 1, 2)), (None, date(2010, 1, 1)), (date(2010, 1, 1), None)):
        assert before_founding(joined, founded) is None


def test_nothing_of_it_is_read_while_it_is_not_collected():
    values, wrong = validate_member(typed(1, honour_year="昨天", joined_on="x", ethnicity="？"))
    assert wrong == []
    assert (values.honour_year, values.joined_on, values.ethnicity) == ("", None, "")
