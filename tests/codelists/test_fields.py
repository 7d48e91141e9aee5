"""The form field of a code: what it offers, and what it shows of a row that holds a retired value."""

import pytest
from django import forms
from django.utils.timezone import localdate

from gonghui.codelists.actions import add_code, retire_code
from gonghui.codelists.fields import CodeField
from gonghui.codelists.models import Code
from gonghui.members.codes import Household

pytestmark = pytest.mark.django_db


class Form(forms.Form):
    household = CodeField(Household, label="户籍类型", required=False)


def options(form: forms.Form) -> list[str]:
    return [text for _, text in form["household"].field.choices]


@pytest.fixture
def without_rural(cast) -> None:
    one = Code.objects.get(code_list="household", value="rural")
    retire_code(one, on=localdate(), successor=None, version=1, by=cast.platform_admin)


def test_it_offers_what_may_be_chosen_today(cast, without_rural):
    added = add_code("household", label="境外", by=cast.platform_admin)
    assert options(Form()) == ["请选择", "非农业", "居民户", "其他", "境外"]
    assert Form({"household": added.value}).is_valid()


def test_it_shows_the_retired_value_of_a_row_or_of_what_was_typed_to_that_form_alone(without_rural):
    assert options(Form(initial={"household": "rural"}))[-1] == "农业（已停用）"
    assert options(Form({"household": "rural"}))[-1] == "农业（已停用）"
    assert "农业（已停用）" not in options(Form())


def test_it_takes_every_value_of_the_list_and_no_other(without_rural):
    assert Form({"household": "rural"}).is_valid(), "the action knows whether the row holds it"
    assert not Form({"household": "境外"}).is_valid()
    assert options(Form({"household": "<b>"})) == ["请选择", "非农业", "居民户", "其他"]
