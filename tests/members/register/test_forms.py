"""What the list of members is narrowed by, and the chips that say so (SPEC 3.1, 5.2)."""

from datetime import date

import pytest
from django.utils.timezone import localdate

from gonghui.members.queries import WRONG, Filters, _born, listed_members
from tests.factories import make_member

pytestmark = pytest.mark.django_db

LIST = "/members/"


def names(user, **conditions) -> set[str]:
    return set(listed_members(user, Filters(**conditions)).values_list("name", flat=True))


@pytest.fixture
def people(cast):
    make_member(cast.union, name="王甲", sex="male", born_on=date(localdate().year - 35, 1, 1))
    make_member(cast.neighbour, name="王乙", sex="female", born_on=date(localdate().year - 65, 1, 1))
    make_member(cast.far, name="王丙", sex="female", born_on=date(localdate().year - 25, 1, 1))


def test_superiors_narrow_by_branch_card_sex_and_age(cast, people):
    city = cast.platform_admin
    assert names(city, superior=str(cast.district.pk)) == {"王甲", "王乙"}
    assert names(city, superior=str(cast.street.pk)) == {"王甲"}
    assert names(city, card="no", sex="female") == {"王乙", "王丙"}
    assert names(city, age="30-39") == {"王甲"}
    assert names(city, age="60-150") == {"王乙"}
    assert names(city, age="0-29") == {"王丙"}
    assert names(cast.officer, sex="female") == set()


def test_a_branch_out_of_scope_lets_nobody_through(cast, people):
    assert names(cast.district_admin, superior=str(cast.bureau.pk)) == set()
    assert names(cast.reviewer, superior=str(cast.district.pk)) == set()
    assert names(cast.platform_admin, superior="no number") == set()
    assert names(cast.platform_admin, superior=str(cast.city.pk)) == set()


def test_both_ends_of_an_age_are_within():
    youngest, oldest = _born("30-39")
    today = localdate()
    assert oldest.year == today.year - 30
    assert youngest.year in (today.year - 40, today.year - 39)


def test_what_no_choice_offers_is_a_wrong_filter(cast):
    for wrong in (
        {"age": "7-8"},
        {"sex": "x"},
        {"card": "maybe"},
        {"inspection": "members"},
        {"correction": "none"},
        {"status": "gone"},
    ):
        assert Filters.read(Filters(**wrong).token(cast.officer), cast.officer) == WRONG, wrong


def test_each_condition_is_a_chip_that_leads_to_the_list_without_it(cast, client, people):
    client.force_login(cast.platform_admin)
    where = client.post(LIST, {"sex": "female", "age": "60-150", "superior": cast.district.pk})["Location"]
    page = client.get(where)
    chips = dict(page.context["chips"])
    assert set(chips) == {"性别：女", "年龄：60 岁以上", "所属上级：上海市总工会 杨浦区"}
    left = client.get(chips["年龄：60 岁以上"])
    assert set(dict(left.context["chips"])) == {"性别：女", "所属上级：上海市总工会 杨浦区"}


def test_a_saved_condition_whose_branch_is_out_of_scope_says_so(cast, client):
    token = Filters(superior=str(cast.bureau.pk)).token(cast.district_admin)
    client.force_login(cast.district_admin)
    page = client.get(LIST, {"q": token})
    assert "不在您的管辖范围内" in page.text
    assert page.context["page"].total == 0


def test_only_who_has_superiors_below_chooses_among_them(cast, client):
    client.force_login(cast.reviewer)
    assert "superior" not in client.get(LIST).context["form"].fields
    client.force_login(cast.district_admin)
    assert len(client.get(LIST).context["form"].fields["superior"].choices) == 3
