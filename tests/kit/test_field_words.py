"""A field says what is wrong in words for officers, with the remedy."""

import pytest
from django import forms


class Form(forms.Form):
    name = forms.CharField(min_length=2, max_length=5)
    kind = forms.ChoiceField(choices=[("a", "甲")])
    people = forms.IntegerField(min_value=1, max_value=9)
    since = forms.DateField()
    email = forms.EmailField()


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("name", "", "请填写这一项。"),
        ("name", "长", "至少要 2 个字，现在是 1 个。"),
        ("name", "长长长长长长", "不能超过 5 个字，现在是 6 个。"),
        ("kind", "", "请选择这一项。"),
        ("kind", "b", "“b”不在选项中，请重新选择。"),
        ("people", "很多", "请填写整数，例如 100。"),
        ("people", "0", "不能小于 1。"),
        ("people", "10", "不能大于 9。"),
        ("since", "2017-02-30", "日期请写成“2017-07-23”的样子，并核对有没有这一天。"),
        ("email", "不是邮箱", "邮箱地址不正确，请写成“name@example.com”的样子。"),
    ],
)
def test_what_a_field_says(field, typed, words):
    assert Form({field: typed}).errors[field] == [words]
