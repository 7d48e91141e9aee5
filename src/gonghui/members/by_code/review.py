"""The superior's review of an import by another employer's code (SPEC 3.5)."""

from collections.abc import Sequence

from gonghui.accounts.models import User
from gonghui.audit.actions import record
from gonghui.kit.documents import mask_name, mask_number
from gonghui.kit.errors import Refused
from gonghui.members.by_code.actions import approve, bound_to, end
from gonghui.members.models import CodeImport, Member
from gonghui.members.states import CodeImportState
from gonghui.reviews.kinds import Change, Check, ReviewKind
from gonghui.reviews.models import Review, ReviewState, Step
from gonghui.unions.models import Employer
from gonghui.unions.union_details import above_staff

MAX_NAMED = 20


class CodeImportKind(ReviewKind):
    """The import of people who are bound to another employer's code."""

    code = "code_import"
    label = "组织机构代码导入"
    exclusive = False
    locks_union = True
    shows_others = True
    old_heading = "会员库"
    new_heading = "申请导入"

    def changes(self, review: Review) -> Sequence[Change]:
        code_import = review.code_import
        employer = Employer.objects.filter(code=code_import.code).values_list("name", flat=True).first()
        people = Member.objects.filter(pk__in=code_import.chosen[:MAX_NAMED]).order_by("pk")
        named = "、".join(f"{mask_name(member.name)} {mask_number(member.document_number)}" for member in people)
        return [
            Change("组织机构代码", None, code_import.code),
            Change("代码所属单位", None, employer or "平台上没有这个单位"),
            Change("人数", None, str(code_import.total)),
            Change("人员" if code_import.total <= MAX_NAMED else f"人员（前 {MAX_NAMED} 人）", None, named),
        ]

    def others(self, review: Review) -> Sequence[int]:
        return review.code_import.chosen[:MAX_NAMED]

    def checks(self, review: Review, prepared: None) -> Sequence[Check]:
        if review.state != ReviewState.PENDING:
            return ()
        code_import = review.code_import
        free = bound_to(code_import.code).filter(pk__in=code_import.chosen).count()
        has_union = Employer.objects.filter(code=code_import.code, union__state="approved").exists()
        warning = above_staff(code_import.union.working_count + code_import.total, code_import.union.staff_count)
        return [
            Check("ok", "这些人员现在都不属于任何工会")
            if free == code_import.total
            else Check("look", f"{code_import.total - free} 人已加入其他工会，通过后只导入其余的人"),
            Check("look", "这个代码属于另一家已建会的单位，请核对这些人员是否已到申请单位工作")
            if has_union
            else Check("ok", "这个代码不属于已建会的单位"),
            *([Check("look", f"导入后{warning}，请核实")] if warning else []),
        ]

    def on_approved(self, review: Review, step: Step, *, by: User) -> None:
        code_import = self._locked(review)
        if code_import.state != CodeImportState.PENDING:
            raise Refused("这次导入已经办结，请刷新页面查看。")
        approve(code_import, by=by)

    def on_refused(self, review: Review, step: Step, *, by: User) -> None:
        code_import = self._locked(review)
        record("codeimport.refused", code_import, by=by, union=code_import.union)
        end(code_import, CodeImportState.REFUSED, f"上级工会退回，没有导入。审批意见：{step.opinion}")

    def on_withdrawn(self, review: Review, *, by: User) -> None:
        end(self._locked(review), CodeImportState.WITHDRAWN, "已撤回，没有导入。")

    def _locked(self, review: Review) -> CodeImport:
        return CodeImport.objects.select_for_update(of=("self",)).select_related("union").get(review=review)
