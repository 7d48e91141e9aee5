"""The particulars of a grassroots union: entered in a form, stored in a draft or a review, shown, published.

They are one flat dict with the keys of MANUAL, and of the national form those that were asked for; JSON values: dates as
ISO text, 联系电话 sealed for the union (under ``phone_sealed``), so that it cannot be opened for another union.
"""

from base64 import b64decode, b64encode
from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import IntegrityError, models, transaction

from gonghui.codelists.queries import labels, require_offered
from gonghui.kit.crypto import Purpose
from gonghui.kit.documents import mask_mobile
from gonghui.kit.errors import Refused
from gonghui.kit.names import stored_key, unit_columns, unit_key
from gonghui.kit.sealing import SealedTexts, opened, purpose, register_texts
from gonghui.unions import national
from gonghui.unions.codes import EconomicType, GrassrootsType, Industry
from gonghui.unions.models import Employer, Union

MANUAL = {
    "employer_name": "单位名称",
    "code": "统一社会信用代码(或组织机构代码)",
    "economic_type": "经济类型",
    "superior": "所属上级工会",
    "address": "单位地址",
    "industry": "单位所属行业",
    "name": "工会名称",
    "founded_on": "建会日期",
    "grassroots_type": "基层工会类型",
    "reelection_on": "换届日期",
    "leader": "工会负责人",
    "phone": "联系电话",
    "staff_count": "职工人数",
    "merged": "是否合并工会",
}
"""The manual's form, with its labels."""
LABELS = MANUAL | national.LABELS
FIXED = ("employer_name", "code", "economic_type", "superior")
"""The keys that an amendment cannot change (SPEC 2.3)."""

_CHOICES: dict[str, type[models.TextChoices]] = {
    "economic_type": EconomicType,
    "industry": Industry,
    "grassroots_type": GrassrootsType,
    **{field.name: field.codes for field in national.FIELDS.values() if field.codes},
}
_YES_NO: dict[Any, str] = {True: "是", False: "否"}
_EMPLOYER = ("code", "economic_type", "industry", "address")
_UNION = ("name", "grassroots_type", "leader", "staff_count", "merged")
_DATES = ("founded_on", "reelection_on")
_PHONE = Purpose("unions.particulars.phone")


def kept_in(model: type[models.Model], *columns: str) -> None:
    """Registers a model's JSON columns that store packed particulars (it has a ``union``); called in ``apps.py``."""
    owner = "(SELECT seal_id FROM unions_union WHERE unions_union.id = stored.union_id)"
    for column in columns:
        register_texts(SealedTexts(model, column, ["phone_sealed"], _PHONE, owner))


def pack(values: dict[str, Any], union: Union) -> dict[str, Any]:
    """Returns the form values of ``union`` as JSON: dates as text, the phone sealed, the superior as its id."""
    packed: dict[str, Any] = {}
    for key, value in values.items():
        if key == "phone":
            packed["phone_sealed"] = b64encode(_PHONE.seal(value, union.seal_id)).decode() if value else ""
        elif isinstance(value, date):
            packed[key] = value.isoformat()
        elif isinstance(value, Union):
            packed[key] = value.pk
        else:
            packed[key] = value
    return packed


def unpack(packed: dict[str, Any], union: Union) -> dict[str, Any]:
    """Returns the initial values of a form, with the full phone. Raises Tampered for another union's phone."""
    values = {key: value for key, value in packed.items() if key != "phone_sealed"}
    if packed.get("phone_sealed"):
        values["phone"] = _PHONE.open(b64decode(packed["phone_sealed"]), union.seal_id)
    return values


def current(union: Union, asked: Collection[str] = frozenset(national.FIELDS)) -> dict[str, Any]:
    """Returns the union's approved particulars, packed; of a dissolved union the last ones. ``asked``: which columns of the
    national form are among them.
    """
    employer = union.employer
    values: dict[str, Any] = {"employer_name": employer.name, "superior": union.superior_id}
    values |= {key: getattr(employer, key) for key in _EMPLOYER}
    values["code"] = employer.code or employer.former_code
    values |= {key: getattr(union, key) for key in (*_UNION, *_DATES)}
    values["phone"] = opened(union, "phone_sealed")
    values |= {
        name: getattr(employer if field.of_employer else union, name)
        for name, field in national.FIELDS.items()
        if name in asked
    }
    return pack(values, union)


def keys_of(packed: Collection[str]) -> list[str]:
    """Returns the keys that packed particulars have, in the order of LABELS."""
    return [key for key in LABELS if key in MANUAL or key in packed]


def differences(old: dict[str, Any], new: dict[str, Any], union: Union) -> list[str]:
    """Returns the keys of LABELS that differ between two packed particulars of ``union``; phones are compared unsealed.

    A column of the national form that one of them was not asked for does not differ.
    """
    before, after = unpack(old, union), unpack(new, union)
    compared = [key for key in LABELS if key in MANUAL or (key in before and key in after)]
    return [key for key in compared if before.get(key) != after.get(key)]


def changes(old: dict[str, Any], new: dict[str, Any], union: Union) -> list[tuple[str, str, str]]:
    """Returns the differences of two packed particulars of ``union`` under the same superior as (label, old, new), for
    the audit: of a phone only that it has changed, without its digits.
    """
    before, after = shown(old, "", union) | {"phone": "****"}, shown(new, "", union) | {"phone": "****（与原来不同）"}
    return [(LABELS[key], before[key], after[key]) for key in differences(old, new, union)]


def publish(union: Union, packed: dict[str, Any]) -> None:
    """Writes the packed particulars to the union and its employer, which the caller has locked."""
    values = unpack(packed, union)
    employer = Employer.objects.get(union=union)
    employer.name = values["employer_name"]
    employer.name_key = stored_key(employer.name, unit_key(employer.name))
    for key in _EMPLOYER:
        setattr(employer, key, values[key])
    for key in _UNION:
        setattr(union, key, values[key])
    for key in _DATES:
        setattr(union, key, date.fromisoformat(values[key]))
    for name, field in national.FIELDS.items():
        if name in values:
            setattr(employer if field.of_employer else union, name, field.stored(values[name]))
    for column, value in unit_columns(union.name).items():
        setattr(union, column, value)
    union.phone_sealed = purpose(Union, "phone_sealed").seal(values["phone"], union.seal_id)
    union.superior_id = values["superior"]
    employer.save()
    try:
        with transaction.atomic():
            union.save()
    except IntegrityError as error:
        require_legal_code_free(union.legal_code, union)
        raise error


def require_legal_code_free(code: str, union: Union) -> None:
    """Raises Refused if another union has this 工会法人统一社会信用代码: it is the code of one legal person."""
    if code and Union.objects.filter(legal_code=code).exclude(pk=union.pk).exists():
        raise Refused(
            f"代码 {code} 已登记为另一家工会的工会法人统一社会信用代码。请对照本工会的法人资格证书核对；"
            "如果代码无误，请联系上级工会核实处理。",
            field="legal_code",
        )


def shown(packed: dict[str, Any], superior_path: str, union: Union) -> dict[str, str]:
    """Returns the packed particulars in words, the phone masked; ``superior_path`` is the superior's full name."""
    words = {}
    for key in LABELS:
        value = packed.get(key)
        if key in national.FIELDS:
            words[key] = national.FIELDS[key].text(value)
        elif key in _CHOICES:
            words[key] = labels(_CHOICES[key]).get(value or "", "")
        elif key == "phone":
            words[key] = mask_phone(unpack(packed, union).get("phone", ""))
        elif key == "superior":
            words[key] = superior_path
        elif key == "merged":
            words[key] = _YES_NO.get(value, "")
        else:
            words[key] = "" if value is None else str(value)
    return words


def facts(packed: dict[str, Any], superior: Union | None, union: Union, *, phone: str = "") -> list[tuple[str, str]]:
    """Returns the packed particulars of ``union`` as (label, words), in the manual's order; [] if empty.

    The phone is masked unless ``phone`` is passed: then the caller has recorded the disclosure.
    """
    if not packed:
        return []
    words = shown(packed, superior_path(superior), union) | ({"phone": phone} if phone else {})
    return [(LABELS[key], words[key]) for key in keys_of(packed)]


def require_offered_codes(values: dict[str, Any], held: dict[str, Any]) -> None:
    """Checks the codes among form values, but for those that are ``held``. Raises Refused for one that may not be chosen."""
    require_offered(
        (key, choices, values[key])
        for key, choices in _CHOICES.items()
        if key in values and values[key] != held.get(key)
    )


def above_staff(members: int, staff: int | None) -> str:
    """Returns 「会员 3012 人，多于职工人数 120 人」, or "": shown where members are added or reviewed."""
    return f"会员 {members} 人，多于职工人数 {staff} 人" if staff and members > staff else ""


def mask_phone(phone: str) -> str:
    """Returns a mobile as 138****5678; of a landline the last four digits are masked."""
    if len(phone) == 11 and phone.isdigit() and phone[0] == "1":
        return mask_mobile(phone)
    return phone[:-4] + "****" if len(phone) > 6 else phone


def superior_path(superior: Union | None) -> str:
    """Returns the path of a union, such as 杨浦区 五角场镇; "" without one."""
    return superior.path if superior else ""
