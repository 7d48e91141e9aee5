"""``get_…_display()`` of columns with the choices of a code list: the city's label, instead of the code's."""

from functools import partialmethod

from django.apps import apps
from django.db import models

from gonghui.codelists.hooks import LISTS
from gonghui.codelists.queries import Choices, label


def show_labels() -> None:
    """Django makes the method of the choices as they were when the class was made; a label may change later."""
    lists = {tuple(one.choices.choices): one.choices for one in LISTS.values()}
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if field.choices and (choices := lists.get(tuple(field.flatchoices))):
                setattr(model, f"get_{field.name}_display", partialmethod(_label, field.attname, choices))


def _label(row: models.Model, column: str, choices: Choices) -> str:
    return label(choices, getattr(row, column))
