"""Entries of the statistical register, as loads have made them."""

from typing import Any

from gonghui.kit.invent import invent_uscc
from gonghui.kit.names import stored_key, unit_key
from gonghui.unions.models import RegisteredEmployer, Union


def new_entry(seed: int, street: Union | None = None, **changed: Any) -> RegisteredEmployer:
    """An employer of 30 in a street, else of a place that is not known."""
    name = changed.pop("name", f"上海示例第{seed}商贸有限公司")
    values = {"code": invent_uscc(seed), "staff_count": 30, "industry": "", **changed}
    return RegisteredEmployer(name=name, name_key=stored_key(name, unit_key(name)), street=street, **values)


def make_entry(seed: int, street: Union | None = None, **changed: Any) -> RegisteredEmployer:
    entry = new_entry(seed, street, **changed)
    entry.save()
    return RegisteredEmployer.objects.get(pk=entry.pk)
