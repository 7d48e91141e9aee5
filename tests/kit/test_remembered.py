"""A control or a menu is rendered once for the same values, and what somebody typed does not stay in the process."""

import pytest
from django import forms
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from gonghui.kit import remembered as memory
from gonghui.kit.remembered import NotComparable, frozen

TYPED = "310101199003077715"


class Filter(forms.Form):
    number = forms.CharField(label="证件号码", required=False)
    state = forms.ChoiceField(label="状态", choices=[("", "全部"), ("open", "正常")], required=False)


@pytest.fixture(autouse=True)
def _nothing_remembered():
    memory._text.cache_clear()


def kept() -> int:
    return memory._text.cache_info().currsize


def test_the_same_values_are_rendered_once():
    first, second = str(Filter()), str(Filter())

    assert first == second
    assert memory._text.cache_info().hits >= len(Filter().fields)


def test_what_was_typed_is_shown_and_not_remembered():
    str(Filter())
    before = kept()

    assert TYPED in str(Filter({"number": TYPED}))
    assert kept() == before


def test_what_is_chosen_is_shown_as_chosen():
    assert "selected" in str(Filter({"state": "open"})["state"])
    assert '<option value="open" selected>' not in str(Filter()["state"])


def test_an_error_is_shown_with_the_field():
    assert "field-error" not in str(Filter({"state": ""}))
    assert "field-error" in str(Filter({"state": "none"}))


def test_a_safe_label_is_not_taken_for_an_unsafe_one():
    class Named(forms.Form):
        def __init__(self, label: str) -> None:
            super().__init__()
            self.fields["one"] = forms.CharField(label=label)

    assert "<b>1</b>" in str(Named(mark_safe("<b>1</b>")))
    assert "<b>1</b>" not in str(Named("<b>1</b>"))


@pytest.mark.parametrize(("one", "other"), [(1, True), (0, False), ("1", 1), ("", None), (mark_safe("a"), "a")])
def test_equal_values_of_different_types_are_different(one: object, other: object):
    assert frozen({"value": one}) != frozen({"value": other})


def test_a_translated_text_is_its_words():
    assert frozen(gettext_lazy("Yes")) == frozen(gettext_lazy("Yes"))


@pytest.mark.parametrize("value", [object(), Filter(), {1, 2}, b"bytes"])
def test_a_value_that_may_look_different_the_next_time_is_not_compared(value: object):
    with pytest.raises(NotComparable):
        frozen(["same", {"deep": value}])
