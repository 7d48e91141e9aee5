"""Every write to one member, and every disclosure and export of full personal data. Imports write in `roster`."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.db.models import F

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.exports.kinds import AT_ONCE
from gonghui.kit import crypto, excel
from gonghui.kit.errors import Refused
from gonghui.kit.names import name_key
from gonghui.kit.sealing import owner_of
from gonghui.members.collected import MANUAL, Collected, collected, missing
from gonghui.members.corrections.actions import GUARDED, guarded, submit_correction
from gonghui.members.encryption import to_columns
from gonghui.members.fields import FIELDS, LABELS, MemberValues
from gonghui.members.hooks import frozen_for_card
from gonghui.members.lookups import BY_DOCUMENT, Door, Known, ask_one, ended_standing, wrong_name
from gonghui.members.memberships import came_from_elsewhere, move
from gonghui.members.models import Alias, Member, MemberQuerySet, Membership
from gonghui.members.national import before_founding
from gonghui.members.numbers import member_number, number_prefix, numbering_union, take_numbers
from gonghui.members.register.export import counted, export_fields, export_row, headings, record_exported, require_right
from gonghui.members.register.history import changed_by
from gonghui.members.rules import (
    can_add_members,
    can_edit_member,
    can_reveal_members,
)
from gonghui.members.standings import NO_OFFICE, PERMISSIONS, Return, may_hold_office
from gonghui.members.validation import differs, document_key, retired, type_question
from gonghui.unions.models import Union, UnionState

verbs.register(
    member__added="新增会员",
    member__readmitted="会员重新入会",
    member__edited="编辑会员",
    member__revealed="查看会员完整号码",
)
verbs.looks(member__revealed=verbs.EACH)
verbs.facts("member", version="", former="此前")

NUMBER = "document_number"
DOCUMENT = {"document_type", NUMBER}

IN_ANOTHER_UNION = (
    "这个证件号码的持有人已是其他工会的会员，不能直接新增。请通过会员转入办理，由对方工会确认后转入本工会。"
)
TAKEN = (
    "这个证件号码在会员库中登记在另一份同名的资料上，不能改给这名会员。请对照证件核对；确认是同一人的，请联系上级工会。"
)
CHANGED_MEANWHILE = (
    "您打开页面之后，这名会员的资料已被修改，所以您的修改没有保存。请重新打开编辑页面，核对现在的资料后再修改。"
)


def add_member(
    union: Union, values: MemberValues, *, by: User, type_confirmed: bool = False, expulsion_known: bool = False
) -> Member:
    """Makes a person a member of ``union`` (SPEC 3.2, 3.3).

    A registered person without a union returns under the former 会员编号 if the name is the same. Raises Refused: the
    union is not approved, the person is a member already, the number is another person's, the numbers are used up, the
    union has too many misses today (`lookups.ask`), a code is retired, the number of a new person looks like another
    document's and ``type_confirmed`` is not set, or the person was expelled and ``expulsion_known`` is not.
    """
    key = document_key(values.document_type, values.document_number)
    _require_adding(by, union)
    if ask_one(union, key, values.name, by=by, door=Door.ADD) is None and not type_confirmed:
        _require_likely(values)
    try:
        with transaction.atomic():
            union = Union.objects.select_for_update().get(pk=union.pk)
            _require_adding(by, union)
            asked = collected()
            former = _known(key)
            if former:
                if bytes(former.document_hash) != key:  # of a record merged into this one, which keeps its document
                    values = values._replace(**{name: getattr(former, name) for name in BY_DOCUMENT})
                member = _readmit(former, union, values, asked, expulsion_known=expulsion_known, by=by)
            else:
                _require_whole(values, asked)
                _require_after_founding(values, union)
                member = _create(union, values, key)
                record("member.added", member, by=by, union=union)
    except IntegrityError as error:  # somebody in another union was quicker by a moment
        raise _refusal(error, union, values, key, by=by, door=Door.ADD) from error
    return member


def _known(key: bytes) -> Member | None:
    """The person with this document, locked; one whose record was merged into another is the one there."""
    main = Alias.objects.filter(member__document_hash=key).values_list("main").first()
    people = Member.objects.select_for_update()
    return people.get(pk=main[0]) if main else people.filter(document_hash=key).first()


def _require_whole(values: MemberValues, asked: Collected) -> None:
    """Raises Refused for somebody who is new in the register without what the city requires."""
    if gaps := missing(values, asked.required):
        raise Refused(f"没有填写{gaps[0].label}，请填写{gaps[0].label}。", field=gaps[0].name)


def _require_after_founding(values: MemberValues, union: Union) -> None:
    """Raises Refused for somebody who joined, here and nowhere else, before there was the union."""
    if problem := before_founding(values.joined_on, union.founded_on):
        raise Refused(f"{problem[1]}，{problem[2]}。", field=problem[0])


def _require_likely(values: MemberValues) -> None:
    """Raises Refused with the question about a doubtful document number; see `validation.type_question`."""
    if question := type_question(values.document_type, values.document_number):
        raise Refused(
            f"{'。'.join(question)}；确实没有选错的，请勾选“已对照证件核对”，再保存。", field="type_confirmed"
        )


def _require_adding(by: User, union: Union) -> None:
    if union.state != UnionState.APPROVED:
        raise Refused("工会资料审核通过之后才能登记会员。请先在“组织管理”中完成填报。")
    require(can_add_members, by, union, sentence="只有本工会的经办人可以新增会员。")


def _require_offered(values: MemberValues, fields: Iterable[str]) -> None:
    """Raises Refused for a code, new to the person, that may not be chosen; see `validation.retired`."""
    for field, wrong, right in retired(values, fields):
        raise Refused(f"{wrong}，{right}。", field=field)


def _create(union: Union, values: MemberValues, key: bytes) -> Member:
    _require_offered(values, FIELDS)
    level2 = numbering_union(union)
    prefix, numbers = number_prefix(level2), take_numbers(level2, 1)
    member = Member.objects.create(
        number=member_number(prefix, numbers[0]),
        union=union,
        document_hash=key,
        unit_code=union.employer.code or "",
        **to_columns(values._asdict(), uuid4()),
    )
    Membership.objects.create(member=member, union=union, began_by=Membership.Reason.ADDED)
    Union.objects.filter(pk=union.pk).update(member_count=F("member_count") + 1)
    return member


def _readmit(
    member: Member, union: Union, values: MemberValues, asked: Collected, *, expulsion_known: bool, by: User
) -> Member:
    """Readmits an unattached person with the typed values. Raises Refused for any other person."""
    if member.union_id == union.pk:
        raise Refused(
            f"{member.name}已是本工会的会员，会员编号 {member.number}。请在会员列表中查看或编辑。", field=NUMBER
        )
    if name_key(member.name) != name_key(values.name):
        raise wrong_name()
    if member.union_id is not None:
        raise Refused(IN_ANOTHER_UNION, field=NUMBER)
    ended = ended_standing(member.standing, member.standing_on)
    if PERMISSIONS[member.standing].returns == Return.CONFIRMED and not expulsion_known:
        raise Refused(
            f"{member.name}{ended}。同意重新入会的，请勾选“已知悉曾被除名，同意重新入会”，再保存。",
            field="expulsion_known",
        )
    changed = _changed(member, values, asked)
    _require_offered(values, changed)
    _require_kept(member, values, changed, asked)
    move([member.pk], to=union, reason=Membership.Reason.ADDED)
    member.refresh_from_db()
    changed = _changed(member, values, asked)
    columns = to_columns({field: getattr(values, field) for field in changed}, owner_of(member))
    if columns:
        member.save_columns(columns)
    record("member.readmitted", member, by=by, union=union, **({"former": ended} if ended else {}))
    return member


class Edited(NamedTuple):
    """The fields that an edit changed at once, and those that the superior reviews."""

    at_once: list[str]
    for_review: list[str]


def edit_member(
    member: Member, values: MemberValues, *, version: str, by: User, type_confirmed: bool = False
) -> Edited:
    """Changes a member's values: at once, or by the superior's review where a card shows them (SPEC 3.8).

    ``version`` is `version_of` the member when the form was opened. Raises Refused: the member was changed since, a new
    code is retired, a card in production shows the values, the new document is another member's, its number looks like
    another document's
    and ``type_confirmed`` is not set, or a correction is under review already.
    """
    key = document_key(values.document_type, values.document_number)
    union = _require_editing(by, member)
    if DOCUMENT & set(_changed(member, values, MANUAL)):
        # A correction waits for a review, but its officer learns at once that the document is another member's.
        if person := ask_one(union, key, values.name, by=by, door=Door.EDIT):
            raise _taken(person, union, Door.EDIT)
        if not type_confirmed:
            _require_likely(values)
    try:
        with transaction.atomic():
            member = Member.objects.select_for_update(of=("self",)).select_related("union__superior").get(pk=member.pk)
            _require_editing(by, member)
            asked = collected()
            if version_of(member, asked) != version:
                raise Refused(CHANGED_MEANWHILE)
            changed = _changed(member, values, asked)
            _require_offered(values, changed)
            _require_kept(member, values, changed, asked)
            _require_unprinted(member, changed)
            if "position" in changed and not may_hold_office(member.standing, values.position):
                raise Refused(f"{NO_OFFICE}。请先恢复会籍。", field="position")
            for_review = guarded(member.has_card, changed)
            at_once = [field for field in changed if field not in for_review]
            if at_once:
                columns = to_columns({field: getattr(values, field) for field in at_once}, owner_of(member))
                # Otherwise the key does not change, also that of a second record (`identity`).
                if DOCUMENT & set(at_once):
                    columns["document_hash"] = key
                member.save_columns(columns)
                record("member.edited", member, by=by, union=member.union, **changed_by(member, at_once))
            if for_review:
                submit_correction(member, values, for_review, by=by)
    except IntegrityError as error:
        raise _refusal(error, union, values, key, by=by, door=Door.EDIT) from error
    return Edited(at_once, for_review)


def _require_editing(by: User, member: Member) -> Union:
    require(can_edit_member, by, member, sentence="只有会员所在的基层工会的经办人可以修改会员资料。")
    assert member.union is not None  # noqa: S101 (the rule has seen it)
    return member.union


def _require_unprinted(member: Member, changed: Sequence[str]) -> None:
    """Raises Refused when a card in production shows the changed values: it would differ (SPEC 3.8, 4.4)."""
    guarded_fields = [field for field in changed if field in GUARDED]
    if guarded_fields and (reason := frozen_for_card([member.pk]).get(member.pk)):
        raise Refused(f"{reason}，不能修改{LABELS[guarded_fields[0]]}。", field=guarded_fields[0])


def _changed(member: Member, values: MemberValues, asked: Collected) -> list[str]:
    """Only of what is collected: a form without a field does not empty it."""
    return [field for field in asked.names if differs(field, getattr(member, field), getattr(values, field))]


def _require_kept(member: Member, values: MemberValues, changed: Sequence[str], asked: Collected) -> None:
    """Raises Refused when an edit empties what is required, or dates a joining before the union. A gap may stay (SPEC 2.7)."""
    emptied = [field for field in missing(values, asked.required_of(member.standing)) if field.name in changed]
    if emptied:
        raise Refused(f"{emptied[0].label}是必填的项目，不能清空。", field=emptied[0].name)
    if "joined_on" in changed and member.union and not came_from_elsewhere([member.pk]):
        _require_after_founding(values, member.union)


def version_of(member: Member, asked: Collected | None = None) -> str:
    """Returns a keyed hash of the editable values and of which they are, by which a form detects a change since."""
    values = [f"{field}={getattr(member, field)}" for field in (asked or collected()).names]
    return crypto.fingerprint("\n".join(values)).hex()[:32]


def _refusal(
    error: IntegrityError, union: Union, values: MemberValues, key: bytes, *, by: User, door: Door
) -> Exception:
    """Returns the refusal of a document or a 工号 that is taken by now; for another broken constraint the error itself."""
    if "member_staff_number_once" in str(error):
        holder = Member.objects.filter(union=union, staff_number=values.staff_number).first()
        whose = f"本工会会员{holder.name}（{holder.number}）" if holder else "本工会的另一名会员"
        return Refused(f"工号“{values.staff_number}”已登记给{whose}。请核对工号。", field="staff_number")
    name = values.name
    if "member_document_once" not in str(error):
        return error
    person = ask_one(union, key, name, by=by, door=door)
    return _taken(person, union, door) if person else error


def _taken(person: Known, union: Union, door: Door) -> Refused:
    if person.union_id == union.pk:
        number = Member.objects.values_list("number", flat=True).get(pk=person.id)
        sentence = f"这个证件号码属于本工会的另一名会员：{person.name}，会员编号 {number}。请核对证件号码。"
        return Refused(sentence, field=NUMBER)
    return Refused(TAKEN if door == Door.EDIT else IN_ANOTHER_UNION, field=NUMBER)


def reveal_member(member: Member, *, by: User, purpose: str = "查看") -> dict[str, str]:
    """Returns the member's sealed values in full, and records the disclosure (SPEC 3.1, 7.2)."""
    if not can_reveal_members(by):
        raise Refused("您的角色只能查看遮盖后的号码。如需查看完整号码，请联系本工会的管理员。")
    with transaction.atomic():
        record("member.revealed", member, by=by, union=member.union, purpose=purpose)
    return {field.name: getattr(member, field.name) for field in collected().fields if field.sealed}


def export_members(rows: MemberQuerySet, path: Path, *, by: User) -> int:
    """Writes ``rows`` to a workbook at ``path``, numbers masked; records and returns their number.

    Longer lists and full numbers leave by `exports`. Raises Refused for no rows, for more than AT_ONCE, and for whom may
    not.
    """
    require_right(by, full=False, sensitive=False)
    if counted(rows) > AT_ONCE:
        raise Refused(f"超过 {AT_ONCE:,} 名会员的名单由系统在后台生成，请在“导出”中重新提交。")
    fields = export_fields(collected().fields, sensitive=False)
    people: list[int] = []

    def lines() -> Iterator[list[Any]]:
        for member in rows.select_related("union").iterator(chunk_size=2000):
            people.append(member.pk)
            yield export_row(member, fields, full=False)

    with transaction.atomic():
        count = excel.export(path, headings(fields), lines(), title="会员名单")
        record_exported(people, by=by, count=count, full=False)
    return count
