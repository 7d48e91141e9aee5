"""「组织机构代码导入会员」: adds registered people who are bound to a code and belong to no union (SPEC 3.5).

By the union's own code at once, in chunks with progress if they are many; by another code only after the superior's
review. Each chunk is a separate transaction that adds the people who are still free, so a killed job continues where
it stopped.
"""

from collections.abc import Sequence
from uuid import uuid4

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
from gonghui.members.models import CodeImport, Lookups, Member, MemberQuerySet, Membership
from gonghui.members.rules import can_add_members
from gonghui.members.standings import Return, standings_that
from gonghui.members.states import CodeImportState
from gonghui.notices.actions import notify_officers
from gonghui.policies.queries import of_union
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
"""Maximum number of people of one import."""

AT_ONCE = 200
"""Up to this many people are added within the request; more by a job."""

CHUNK = 500


def bound_to(code: str) -> MemberQuerySet:
    """Returns the people who are bound to the code, belong to no union, have neither resigned nor been expelled, and are
    not registered as dead.
    """
    memberships = Membership.objects.filter(member=OuterRef("pk"), ended_on=None, began_by=Membership.Reason.DIED)
    members: MemberQuerySet = Member.objects.filter(
        unit_code=code, union=None, standing__in=standings_that(returns=Return.ANY)
    ).exclude(unit_code="")
    return members.filter(~Exists(memberships))


def is_own(union: Union, code: str) -> bool:
    """Whether the code is the union's own employer's."""
    return bool(code) and union.employer.code == code


def search(union: Union, code: str, *, by: User) -> MemberQuerySet:
    """Returns the people bound to the code, and records the search by ``by`` (SPEC 7.2).

    Raises Refused: ``by`` may not, or the union has searched too many other codes today.
    """
    _record_search(union, code, by)
    return bound_to(code)


def _record_search(union: Union, code: str, by: User) -> None:
    """Records the search in a separate transaction, and counts another employer's code once a day."""
    _require_officer(union, by)
    is_own_code, over = is_own(union, code), False
    limit = 0 if is_own_code else of_union("code_lookups", union)
    with transaction.atomic(durable=not is_own_code):
        if not is_own_code:
            _, over = lookups.spend(union, Lookups.Kind.CODE, [crypto.fingerprint(code)], limit)
        record("codeimport.search_stopped" if over else "codeimport.searched", union, by=by, union=union, code=code)
    if over:
        raise Refused(
            f"今天查询的其他组织机构代码已达到上限（每天 {limit} 个），为保护个人信息，今天不能再查询新的代码。"
            "本单位的代码和今天查询过的代码不受影响；请核对代码，明天再查询，人数较多的，请联系上级工会。"
        )


def start_import(union: Union, code: str, ids: Sequence[int] | None, *, by: User) -> CodeImport:
    """「确认导入」 of these people, or (None) of all who are bound to the code, at most MAX_IMPORT_MEMBERS at a time.

    Raises Refused: none of the people can be added, another import by code is running or under review, ``by`` may
    not, or as ``search`` does, because an import also shows whether anybody is bound to the code.
    """
    _record_search(union, code, by)
    with transaction.atomic():
        union = (
            Union.objects.select_for_update(of=("self",), no_key=True)
            .select_related("employer", "superior")
            .get(pk=union.pk)
        )
        _require_officer(union, by)
        members = bound_to(code) if ids is None else bound_to(code).filter(pk__in=ids)
        chosen = list(members.order_by("pk").values_list("pk", flat=True)[:MAX_IMPORT_MEMBERS])
        if not chosen:
            raise Refused("选中的人员已加入其他工会，或不再与这个代码绑定。请重新查询。")
        is_own_code = is_own(union, code)
        try:
            with transaction.atomic():
                code_import = CodeImport.objects.create(
                    union=union, code=code, chosen=chosen, total=len(chosen), act=uuid4(), by=by,
                    state=CodeImportState.RUNNING if is_own_code else CodeImportState.PENDING,
                )  # fmt: skip
        except IntegrityError as error:
            raise Refused("本工会有一次组织机构代码导入还没有结束，请等它完成后再导入。") from error
        if is_own_code:
            record("codeimport.started", code_import, by=by, union=union, code=code, count=len(chosen))
            _begin(code_import)
        else:
            _submit(code_import, union, by)
    return code_import


def run_import(pk: int) -> None:
    """The job: processes chunk after chunk until all people are done. Safe to repeat."""
    while run_chunk(pk):
        pass


def run_chunk(pk: int) -> bool:
    """Adds the next CHUNK of people who are still free. Returns whether more are left."""
    with transaction.atomic():
        code_import = CodeImport.objects.select_for_update(of=("self",)).select_related("union__employer").get(pk=pk)
        if code_import.state != CodeImportState.RUNNING:
            return False
        union = (
            Union.objects.select_for_update(of=("self",), no_key=True)
            .select_related("employer")
            .get(pk=code_import.union_id)
        )
        if union.state != UnionState.APPROVED:
            end(code_import, CodeImportState.FAILED, "本工会已不是审核通过的状态，没有导入其余的人员。")
            return False
        ids = code_import.chosen[code_import.looked_at : code_import.looked_at + CHUNK]
        # Two unions may want the same people: only the lock shows who is still free.
        locked = list(Member.objects.filter(pk__in=ids).select_for_update().order_by("pk").values_list("pk", flat=True))
        free = list(bound_to(code_import.code).filter(pk__in=locked).order_by("pk").values_list("pk", flat=True))
        move(free, to=union, reason=Membership.Reason.BY_CODE, act=code_import.act)
        code_import.looked_at += len(ids)
        code_import.done += len(free)
        code_import.save(update_fields=["looked_at", "done"])
        if code_import.looked_at < code_import.total:
            return True
        missing = code_import.total - code_import.done
        message = f"导入会员 {code_import.done} 人。"
        if missing:
            message += f"另有 {missing} 人已加入其他工会或不再与这个代码绑定，没有导入。"
        end(code_import, CodeImportState.DONE, message)
    return False


def give_up(pk: int) -> None:
    """Ends an import whose job has failed or was lost. People who were added remain members."""
    with transaction.atomic():
        code_import = CodeImport.objects.select_for_update(of=("self",)).select_related("union").get(pk=pk)
        if code_import.state == CodeImportState.RUNNING:
            message = f"导入中断：已导入会员 {code_import.done} 人，其余的没有导入。请重新查询后再导入；如果一直如此，请联系技术支持。"
            end(code_import, CodeImportState.FAILED, message)


def approve(code_import: CodeImport, *, by: User) -> None:
    """Starts the import after the superior's approval: people who are still free become members, by a job if many."""
    code_import.state = CodeImportState.RUNNING
    code_import.save(update_fields=["state"])
    union, code, count = code_import.union, code_import.code, code_import.total
    record("codeimport.approved", code_import, by=by, union=union, code=code, count=count)
    _begin(code_import)


def _begin(code_import: CodeImport) -> None:
    from gonghui.members.tasks import import_by_code

    if code_import.total <= AT_ONCE:
        run_import(code_import.pk)
        code_import.refresh_from_db()
    else:
        defer(import_by_code, pk=code_import.pk)


def _submit(code_import: CodeImport, union: Union, by: User) -> None:
    from gonghui.members.by_code.review import CodeImportKind

    if union.superior is None:
        raise Refused("本工会还没有上级工会，不能提交审核。")
    title = f"{union.name}：按代码 {code_import.code} 导入 {code_import.total} 人"
    code_import.review = reviews.submit(
        CodeImportKind, union=union, title=title, superiors={ReviewPart.SUPERIOR: union.superior}, by=by
    )
    code_import.save(update_fields=["review"])
    record("codeimport.submitted", code_import, by=by, union=union, code=code_import.code, count=code_import.total)


def end(code_import: CodeImport, state: str, message: str) -> None:
    """Ends an import that the caller has locked, and notifies the officers unless the request itself shows the result."""
    code_import.state, code_import.message, code_import.ended_at = state, message, timezone.now()
    code_import.save(update_fields=["state", "message", "ended_at"])
    record("codeimport.ended", code_import, by=None, union=code_import.union, state=state, done=code_import.done)
    if code_import.total > AT_ONCE or code_import.review_id:
        title = f"组织机构代码导入会员：{CodeImportState(state).label}"
        notify_officers(
            [code_import.union_id], title, body=message, url=f"{reverse('members:by_code')}?code={code_import.code}"
        )


def _require_officer(union: Union, by: User) -> None:
    require(can_add_members, by, union, sentence="只有审核通过的工会的经办人可以导入会员。")
