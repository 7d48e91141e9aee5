"""Brings what the code registers into the database, after each migration."""

from typing import Any

from django.apps import apps as installed
from django.apps.registry import Apps

from gonghui.codelists.hooks import LISTS, CodeList
from gonghui.kit.normal import plain


def seed(*, apps: Apps = installed, **_: Any) -> None:
    """Adds the values that are missing and corrects national codes; labels, order and days are the city's.

    A receiver of ``post_migrate``, which names the models as they are at that migration (none after `flush`); before this
    app's own migration there is nothing to bring them into.
    """
    try:
        code_model = apps.get_model("codelists", "Code")
    except LookupError:
        return
    rows = list(code_model.objects.order_by("position"))
    for one in LISTS.values():
        mine = [row for row in rows if row.code_list == one.key]
        code_model.objects.bulk_create(_missing(code_model, one, mine), ignore_conflicts=True)
        for row in mine:
            national = one.national.get(row.value, row.national_code) or ""
            if row.national_code != national:
                code_model.objects.filter(pk=row.pk).update(national_code=national)


def _missing(code_model: Any, one: CodeList, rows: list[Any]) -> list[Any]:
    """A label that the city has given to another value meanwhile is told apart by the new one's value."""
    there = {row.value for row in rows}
    taken = {plain(label) for row in rows for label in (row.label, *row.former_labels)}
    position = max((row.position for row in rows), default=0)
    missing = [(value, str(label)) for value, label in one.choices.choices if value not in there]
    return [
        code_model(
            code_list=one.key,
            value=value,
            label=f"{label}（{value}）" if plain(label) in taken else label,
            national_code=one.national[value] or "",
            position=position + place,
        )
        for place, (value, label) in enumerate(missing, start=1)
    ]
