"""The rows of the member list, rendered by ``kit.rows``."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.middleware.csrf import get_token
from django.utils.safestring import SafeString

from gonghui.accounts.request import Request
from gonghui.kit.addresses import address
from gonghui.kit.rows import prepared_rows
from gonghui.kit.tags import badge
from gonghui.members.field import Field
from gonghui.members.fields import FIELDS, in_order
from gonghui.members.models import Member
from gonghui.members.standings import StandingState

_MASKED = {name: field for name, field in FIELDS.items() if field.sealed and not field.by_policy}


def member_rows(request: Request, members: Iterable[Member], powers: Mapping[str, bool]) -> SafeString:
    """Renders the rows of a page, masked."""
    token = get_token(request)
    rows = (_values(member, token, powers["superior"], masked_facts(member)) for member in members)
    return prepared_rows("members/row.html", rows, **powers, shown=False)


def member_row(
    request: Request, member: Member, powers: Mapping[str, bool], shown: Mapping[str, str] | None
) -> SafeString:
    """Renders one row, with the values in full if ``shown`` contains them."""
    values = _values(member, get_token(request), powers["superior"], shown or masked_facts(member))
    return prepared_rows("members/row.html", [values], **powers, shown=bool(shown))


_FIRST = ("name", "document_type", "document_number", "sex", "born_on", "expires_on", "mobile", "address")


def facts_of(member: Any, fields: Sequence[Field], *, full: bool) -> list[tuple[Field, str]]:
    """Returns the fields with their texts for the member's page. The caller records ``full`` access."""
    return [
        (field, field.text(field.value_in(member), full=full) or field.nothing) for field in in_order(fields, *_FIRST)
    ]


def former_numbers(member: Member) -> list[str]:
    """The 会员编号 of the records that were merged into this one (SPEC 5.6)."""
    return list(member.aliases.order_by("since").values_list("member__number", flat=True))


def masked_facts(member: Member) -> dict[str, str]:
    """Returns the sealed fields of a row, masked: what is shown in full only on request."""
    return {name: field.text(field.value_in(member), full=False) for name, field in _MASKED.items()}


def _status(member: Member) -> SafeString:
    """用户状态; of a retained member the 会籍 in its place."""
    if member.standing == StandingState.RETAINED:
        return badge(member.standing, member.get_standing_display())
    return badge(member.status, member.get_status_display())


def _values(member: Member, token: str, superior: bool, facts: Mapping[str, str]) -> dict[str, Any]:
    return {
        "pk": member.pk,
        "number": member.number,
        "name": member.name,
        "union": member.union.name if superior and member.union else "",
        "sex": member.get_sex_display(),
        "document_type": member.get_document_type_display(),
        "document_number": facts["document_number"],
        "address": facts["address"] or "-",
        "mobile": facts["mobile"] or "-",
        "has_card": "是" if member.has_card else "否",
        "status": _status(member),
        "correction": badge(member.correction, member.get_correction_display()) if member.correction else "-",
        "correction_class": "on-2-end" if member.correction else "",
        "csrf_token": token,
        "view_url": address("members:view", member.pk),
        "edit_url": address("members:edit", member.pk),
        "reveal_url": address("members:reveal", member.pk),
        "masked_url": address("members:masked", member.pk),
    }
