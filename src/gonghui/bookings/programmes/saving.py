"""A programme with its money and its rules, which one form shows: saved together or not at all."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction

from gonghui.accounts.models import User
from gonghui.bookings.models import Programme
from gonghui.bookings.programmes import actions
from gonghui.bookings.states import ProgrammeState
from gonghui.unions.models import Union

Rules = Sequence[tuple[str, Mapping[str, Any]]]


def save_new(
    union: Union, columns: Mapping[str, Any], funds: Mapping[str, Decimal], rules: Rules, *, by: User
) -> Programme:
    """A new draft of ``union``. Raises Refused as the three actions do."""
    with transaction.atomic():
        programme = actions.create_programme(union, columns, by=by)
        _set_parts(programme, funds, rules, by)
    return programme


def save_whole(
    programme: Programme, columns: Mapping[str, Any], funds: Mapping[str, Decimal], rules: Rules, *, by: User
) -> None:
    """Changes a programme. Raises Refused as the three actions do."""
    with transaction.atomic():
        programme = actions.edit_programme(programme, columns, by=by)
        _set_parts(programme, funds, rules, by)


def _set_parts(programme: Programme, funds: Mapping[str, Decimal], rules: Rules, by: User) -> None:
    """The rules of a draft alone: they stay once it is published, and the form does not send them."""
    actions.set_funds(programme, funds, by=by)
    if programme.state == ProgrammeState.DRAFT:
        actions.set_rules(programme, rules, by=by)
