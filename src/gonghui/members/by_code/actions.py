"""「组织机构代码导入会员」: people of the register who are bound to a code and belong to no union come in (SPEC 3.5).

By the union's own code at once, in chunks with progress where they are many; by another code only after the superior's
review. Each chunk is a transaction of its own that takes whoever is still free, so that a killed job goes on where it was.
"""

from collections.abc import Sequence
from uuid import uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.kit import crypto
from gonghui.kit.errors import Refused
from gonghui.kit.jobs import defer
from gonghui.members import lookups
from gonghui.members.memberships import move
from gonghui.members.models import CodeImport, CodeImportState, Lookups, Member, MemberQuerySet, Membership
from gonghui.members.rules import can_add_members
from gonghui.notices.actions import notify_officers
from gonghui.reviews import actions as reviews
from gonghui.reviews.models import ReviewPart
from gonghui.unions.models import Union, UnionState

verbs.register(
    codeimport__searched="按组织机构代码查询会员",
    codeimport__search_stopped="组织机构代码查询次数超限",
    codeimport__started="按组织机构代码导入会员",
    codeimport__submitted="提交组织机构代码导入",
    codeimport__approved="组织机构代码导入通过",
    codeimport__refused="组织机构代码导入退回",
    codeimport__ended="组织机构代码导入完成",
)
verbs.facts("codeimport", code="代码", state=("结果", CodeImportState), done="已导入人数")

MAX_IMPORT_MEMBERS = 10_000
"""People taken in by one import."""

AT_ONCE = 200
"""So many are taken in within the request; more by a job."""

CHUNK = 500


def bound_to(code: str) -> MemberQuerySet:
    """Who is bound to the code, belongs to no union and lives, as far as the register knows."""
    memberships = Membership.objects.filter(member=OuterRef("pk"), ended_on=None, began_by=Membership.Reason.DIED)
    found: MemberQuerySet = Member.objects.filter(unit_code=code, union=None).exclude(unit_code="")
    return found.filter(~Exists(memberships))


def is_own(union: Union, code: str) -> bool:
    """Whether the code is the union's own employer's."""
    return bool(code) and union.employer.code == code


def search(union: Union, code: str, *, by: User) -> MemberQuerySet:
    """Whom the code leads to; that ``by`` looked is recorded, however the rows are asked for (SPEC 7.2).

    Raises Refused: ``by`` may not, or the union has asked for too many other codes today.
    """
    _look(union, code, by)
    return bound_to(code)


def _look(union: Union, code: str, by: User) -> None:
    """Record the look in a transaction of its own, and count another employer's code once a day."""
    _require_officer(union, by)
    own, over, limit = is_own(union, code), False, settings.ENVIRONMENT.code_lookups
    with transaction.atomic(durable=not own):
        if not own:
            _, over = lookups.spend(union, Lookups.Kind.CODE, [crypto.fingerprint(code)], limit)
        record("codeimport.search_stopped" if over else "codeimport.searched", union, by=by, union=union, code=code)
    if over:
        raise Refused(
            f"今天查询的其他组织机构代码已达到上限（每天 {limit} 个），为保护个人信息，今天不能再查询新的代码。"
            "本单位的代码和今天查询过的代码不受影响；请核对代码，明天再查询，人数较多的，请联系上级工会。"
        )


def start_import(union: Union, code: str, ids: Sequence[int] | None, *, by: User) -> CodeImport:
    """「确认导入」 these people, or (None) all who are bound to the code, MAX_IMPORT_MEMBERS at a time.

    Raises Refused: nobody is (any more) to be taken in, another import by code is in work or waits for review, ``by``
    may not, or as ``search`` does: who asks to import by a code learns whether it leads to anybody.
    """
    _look(union, code, by)
    with transaction.atomic():
        union = (
            Union.objects.select_for_update(of=("self",), no_key=True)
            .select_related("employer", "superior")
            .get(pk=union.pk)
        )
        _require_officer(union, by)
        found = bound_to(code) if ids is None else bound_to(code).filter(pk__in=ids)
        chosen = list(found.order_by("pk").values_list("pk", flat=True)[:MAX_IMPORT_MEMBERS])
        if not chosen:
            raise Refused("选中的人员已加入其他工会，或不再与这个代码绑定。请重新查询。")
        own = is_own(union, code)
        try:
            with transaction.atomic():
                one = CodeImport.objects.create(
                    union=union, code=code, chosen=chosen, total=len(chosen), act=uuid4(), by=by,
                    state=CodeImportState.RUNNING if own else CodeImportState.PENDING,
                )  # fmt: skip
        except IntegrityError as error:
            raise Refused("本工会有一次组织机构代码导入还没有结束，请等它完成后再导入。") from error
        if own:
            record("codeimport.started", one, by=by, union=union, code=code, count=len(chosen))
            _begin(one)
        else:
            _submit(one, union, by)
    return one


def run_import(pk: int) -> None:
    """The job: chunk by chunk until everybody has been looked at. Safe to repeat."""
    while run_chunk(pk):
        pass


def run_chunk(pk: int) -> bool:
    """Take in the next CHUNK of those who are still free; whether more are left."""
    with transaction.atomic():
        one = CodeImport.objects.select_for_update(of=("self",)).select_related("union__employer").get(pk=pk)
        if one.state != CodeImportState.RUNNING:
            return False
        union = (
            Union.objects.select_for_update(of=("self",), no_key=True).select_related("employer").get(pk=one.union_id)
        )
        if union.state != UnionState.APPROVED:
            _end(one, CodeImportState.FAILED, "本工会已不是审核通过的状态，没有导入其余的人员。")
            return False
        ids = one.chosen[one.looked_at : one.looked_at + CHUNK]
        # Who was quicker is seen under the lock only: two unions may want the same people.
        locked = list(Member.objects.filter(pk__in=ids).select_for_update().order_by("pk").values_list("pk", flat=True))
        free = list(bound_to(one.code).filter(pk__in=locked).order_by("pk").values_list("pk", flat=True))
        move(free, to=union, reason=Membership.Reason.BY_CODE, act=one.act)
        one.looked_at += len(ids)
        one.done += len(free)
        one.save(update_fields=["looked_at", "done"])
        if one.looked_at < one.total:
            return True
        missing = one.total - one.done
        told = f"导入会员 {one.done} 人。" + (
            f"另有 {missing} 人已加入其他工会或不再与这个代码绑定，没有导入。" if missing else ""
        )
        _end(one, CodeImportState.DONE, told)
    return False


def running_ids() -> list[int]:
    """All imports by code in work."""
    return list(CodeImport.objects.filter(state=CodeImportState.RUNNING).values_list("pk", flat=True))


def give_up(pk: int) -> None:
    """End an import whose job has failed or was lost. Who has come in stays."""
    with transaction.atomic():
        one = CodeImport.objects.select_for_update(of=("self",)).select_related("union").get(pk=pk)
        if one.state == CodeImportState.RUNNING:
            told = f"导入中断：已导入会员 {one.done} 人，其余的没有导入。请重新查询后再导入；如果一直如此，请联系技术支持。"
            _end(one, CodeImportState.FAILED, told)


def approve(one: CodeImport, *, by: User) -> None:
    """The superior has agreed: whoever is still free comes in, by a job where they are many."""
    one.state = CodeImportState.RUNNING
    one.save(update_fields=["state"])
    record("codeimport.approved", one, by=by, union=one.union, code=one.code, count=one.total)
    _begin(one)


def close(one: CodeImport, state: str, told: str) -> None:
    """Refused or withdrawn: nobody has come in."""
    _end(one, state, told)


def _begin(one: CodeImport) -> None:
    from gonghui.members.tasks import import_by_code

    if one.total <= AT_ONCE:
        run_import(one.pk)
        one.refresh_from_db()
    else:
        defer(import_by_code, pk=one.pk)


def _submit(one: CodeImport, union: Union, by: User) -> None:
    from gonghui.members.by_code.review import CodeImportKind

    if union.superior is None:
        raise Refused("本工会还没有上级工会，不能提交审核。")
    title = f"{union.name}：按代码 {one.code} 导入 {one.total} 人"
    one.review = reviews.submit(
        CodeImportKind, union=union, title=title, superiors={ReviewPart.SUPERIOR: union.superior}, by=by
    )
    one.save(update_fields=["review"])
    record("codeimport.submitted", one, by=by, union=union, code=one.code, count=one.total)


def _end(one: CodeImport, state: str, told: str) -> None:
    one.state, one.message, one.ended_at = state, told, timezone.now()
    one.save(update_fields=["state", "message", "ended_at"])
    record("codeimport.ended", one, by=None, union=one.union, state=state, done=one.done)
    if one.total > AT_ONCE or one.review_id:
        title = f"组织机构代码导入会员：{CodeImportState(state).label}"
        notify_officers([one.union_id], title, body=told, url=f"{reverse('members:by_code')}?code={one.code}")


def _require_officer(union: Union, by: User) -> None:
    require(can_add_members, by, union, sentence="只有审核通过的工会的经办人可以导入会员。")
