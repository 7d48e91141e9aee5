"""「9位工会组织机构代码」 and NCZY代码: the card maker's numbers of a union (SPEC 4.2)."""

from django.db import DatabaseError, IntegrityError, connection, transaction
from psycopg.errors import SequenceGeneratorLimitExceeded

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.audit.models import Entry
from gonghui.cards.models import UnionCode
from gonghui.cards.rules import can_apply
from gonghui.kit.documents import Invalid, check_org_code, org_code_check_digit
from gonghui.kit.errors import Refused
from gonghui.members.numbers import number_prefix, numbering_union
from gonghui.unions.models import Union

verbs.register(unioncode__saved="保存工会组织机构代码", unioncode__drawn="生成虚拟组织机构代码")
verbs.facts("unioncode", code="代码", virtual="虚拟代码")

DRAWN = "unioncode.drawn"

CUSTOM_RANGE = "PDY"
"""GB 11714-1997, 3: PDY00001 to PDY99999 are reserved for systems' own use; no unit gets one."""

SEQUENCE = "cards_virtual_code"
"""The database's sequence: each number is used once, even if the officer does not save it."""


def suggested_code(union: Union) -> str:
    """Returns the form's initial value: the organisation code in the employer's code (GB 32100: characters 9 to 17)."""
    code = union.employer.code or ""
    return code[8:17] if len(code) == 18 else code


def nczy_code(union: Union) -> str:
    """Returns the NCZY代码: the level-2 superior's three digits, with which 会员编号 begin too (docs/glossary.md)."""
    return number_prefix(numbering_union(union))


def draw_virtual_code(union: Union, *, by: User) -> str:
    """Returns a code of the reserved range for a union without one; the form shows it until it is saved.

    A second call returns the same code, because the range is small. Raises Refused: ``by`` may not, or the range is
    used up.
    """
    if not can_apply(by, union):
        raise Refused("只有本工会的经办人可以生成虚拟组织机构代码。")
    if drawn := _drawn(union):
        return drawn
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT nextval(%s)", [SEQUENCE])
            serial = cursor.fetchone()[0]
            body = f"{CUSTOM_RANGE}{serial:05}"
            code = body + org_code_check_digit(body)
            record(DRAWN, union, by=by, union=union, code=code)
    except DatabaseError as error:
        if not isinstance(error.__cause__, SequenceGeneratorLimitExceeded):
            raise
        raise Refused("虚拟组织机构代码已经用完，请联系市总工会。") from error
    return code


def _drawn(union: Union) -> str:
    """Returns the virtual code that was drawn for this union, according to the audit; it may never have been saved."""
    drawn = (
        Entry.objects.filter(object_type="unions.union", object_id=union.pk, verb=DRAWN).order_by("at", "id").first()
    )
    return drawn.data["code"] if drawn else ""


def save_code(union: Union, text: str, *, by: User) -> UnionCode:
    """「保存」. Raises Refused: ``by`` may not, the code is invalid or another union's, or virtual and not drawn here."""
    try:
        code = check_org_code(text)
    except Invalid as invalid:
        raise Refused(invalid.sentence, field="code") from None
    virtual = code.startswith(CUSTOM_RANGE)
    try:
        with transaction.atomic():
            union = Union.objects.select_for_update(no_key=True).get(pk=union.pk)
            require(can_apply, by, union, sentence="只有审核通过的工会的经办人可以保存组织机构代码。")
            now = UnionCode.objects.filter(union=union).first()
            if virtual and not (now and now.code == code) and code != _drawn(union):
                raise Refused(
                    "以 PDY 开头的是虚拟代码，只能由系统生成。请点击“自动生成虚拟组织机构代码”，或填写证书上的代码。",
                    field="code",
                )
            saved, _ = UnionCode.objects.update_or_create(
                union=union, defaults={"code": code, "virtual": virtual, "set_by": by}
            )
            record("unioncode.saved", union, by=by, union=union, code=code, virtual=virtual)
    except IntegrityError as error:
        raise Refused(
            "这个组织机构代码已由另一家工会使用，请对照证书核对；如果本工会没有代码，请由系统生成虚拟代码。",
            field="code",
        ) from error
    return saved
