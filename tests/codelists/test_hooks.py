"""Every code list says of each value which national code it has, or none; every coded column has a list."""

import pytest
from django.apps import apps
from django.db import models
from django.db.models import TextChoices

from gonghui.codelists.hooks import LISTS, register
from gonghui.members.fields import FIELDS
from gonghui.members.models import Member
from gonghui.unions.models import Employer, RegisteredEmployer, Union


@pytest.mark.parametrize("one", LISTS.values(), ids=LISTS)
def test_each_value_has_its_national_code_or_is_marked_as_having_none(one):
    assert set(one.national) == set(one.choices.values)
    codes = [code for code in one.national.values() if code is not None]
    assert all(codes), "an empty code is no mark"
    assert len(codes) == len(set(codes))
    assert bool(codes) == bool(one.standard)
    assert set(one.lasting) <= set(one.choices.values)


@pytest.mark.parametrize("given", [{}, {"one": "1"}, {"one": "1", "two": "2", "three": "3"}])
def test_a_value_without_a_mark_is_not_registered(given):
    numbers = TextChoices("Numbers", [("ONE", ("one", "一")), ("TWO", ("two", "二"))])
    with pytest.raises(ValueError, match="numbers: say of each value"):
        register("numbers", numbers, title="数", standard="GB/T 1", national=given, closed=False)
    assert "numbers" not in LISTS


def test_a_code_without_a_standard_is_not_registered():
    numbers = TextChoices("Numbers", [("ONE", ("one", "一"))])
    with pytest.raises(ValueError, match="numbers: say of each value"):
        register("numbers", numbers, title="数", national={"one": "1"}, closed=False)


def test_every_coded_field_has_a_list():
    lists = {one.choices: one for one in LISTS.values()}
    for field in FIELDS.values():
        if field.codes:
            assert field.codes in lists, f"register {field.name} in members/codes.py"
            assert not field.default or field.default in lists[field.codes].lasting or lists[field.codes].closed


def test_every_column_with_choices_of_a_codes_module_has_a_list():
    known = {tuple(one.choices.choices) for one in LISTS.values()}
    coded = {
        tuple(choices.choices)
        for choices in TextChoices.__subclasses__()
        if choices.__module__ in ("gonghui.members.codes", "gonghui.unions.codes")
    }
    assert coded == known
    columns = [
        f"{model.__name__}.{field.name}"
        for model in (Member, Union, Employer, RegisteredEmployer)
        for field in model._meta.concrete_fields
        if field.choices and tuple(field.flatchoices) in known
    ]
    assert {"Member.education", "Employer.industry", "RegisteredEmployer.economic_type"} <= set(columns)


def test_only_a_closed_list_has_its_values_in_a_constraint():
    """A constraint that names the values of an open list would refuse what the city has added."""
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if isinstance(constraint, models.CheckConstraint):
                for _, value in (leaf for leaf in _leaves(constraint.condition) if isinstance(leaf[1], list | tuple)):
                    for one in LISTS.values():
                        assert one.closed or set(value) - {""} != set(one.choices.values), constraint.name


def _leaves(condition: models.Q):
    for child in getattr(condition, "children", ()):  # a comparison alone has none
        if isinstance(child, models.Q):
            yield from _leaves(child)
        elif isinstance(child, tuple):
            yield child


def test_the_lists_that_rules_branch_on_are_closed():
    assert [key for key, one in LISTS.items() if one.closed] == [
        "chair_employment",
        "document_type",
        "education",
        "established",
        "ethnicity",
        "grassroots_type",
        "industry",
        "migrant_worker",
        "political_status",
        "sex",
    ]
