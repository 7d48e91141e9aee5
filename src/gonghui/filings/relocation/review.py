"""Relocations in the approval engine: both superiors must approve, in any order (SPEC 2.4)."""

from collections.abc import Sequence

from django.urls import reverse

from gonghui.accounts.models import User
from gonghui.audit.actions import record
from gonghui.filings.checks import CoverageFigures, check_coverage, check_members, coverage_figures
from gonghui.filings.coverage.queries import covered_page
from gonghui.filings.filing.review import opinion_of, path_of, tell_officers
from gonghui.filings.guards import require_nothing_under_way
from gonghui.filings.models import Relocation
from gonghui.filings.relocation.actions import require_target
from gonghui.kit.errors import Refused
from gonghui.reviews.actions import hand_on_steps
from gonghui.reviews.kinds import Change, Check, ReviewKind
from gonghui.reviews.models import Review, ReviewState, Step
from gonghui.reviews.notifications import notify_deciders
from gonghui.reviews.scans import ScanKind, Scans
from gonghui.unions import union_details
from gonghui.unions.hooks import blockers
from gonghui.unions.models import Union, UnionState
from gonghui.unions.union_details import LABELS


class RelocationKind(ReviewKind):
    """A union's move to another superior. Members, history, numbers and drafts belong to the union and move with it."""

    code = "relocation"
    label = "组织转移"
    titled_by_employer = True
    old_heading = "现在"
    new_heading = "转移后"
    scans = Scans(allowed=(ScanKind.APPROVAL, ScanKind.LICENCE))

    def changes(self, review: Review) -> Sequence[Change]:
        """Returns the particulars at the time of the request: the record of the decision shows them permanently."""
        old = union_details.shown(review.base, path_of(review.base), review.union)
        new = old | {"superior": path_of(review.proposed)}
        members = str(review.base["members"])
        return [
            *(Change(LABELS[key], old[key], new[key]) for key in union_details.keys_of(review.base)),
            Change("会员人数", members, members),
            Change("转移方式", None, Relocation.Way(review.proposed["way"]).label),
            Change("转移原因", None, review.proposed["reason"]),
        ]

    def folds_unchanged(self, review: Review) -> bool:
        return True

    def details(self, review: Review) -> tuple[str, str] | None:
        return covered_page(review.union)

    def prepare(self, reviews: Sequence[Review]) -> dict[int, CoverageFigures]:
        return coverage_figures(reviews)

    def checks(self, review: Review, prepared: CoverageFigures | None) -> Sequence[Check]:
        if review.state != ReviewState.PENDING:
            return ()
        pending = [blocker for blocker in blockers(review.union) if not blocker.url.endswith(f"/reviews/{review.pk}/")]
        return [
            *(Check("bad", f"{blocker.text}，办完以后才能通过") for blocker in pending),
            check_members(review.base, review.union.working_count),
            *check_coverage(review.base, prepared),
            Check("ok", f"会员 {review.union.member_count} 人，会员编号、工会编号和历史记录随工会一起转移"),
        ]

    def on_approved(self, review: Review, step: Step, *, by: User) -> None:
        """Moves the union, if the union and its target are still in the state that both superiors saw."""
        union = Union.objects.select_for_update().get(pk=review.union_id)
        relocation = Relocation.objects.select_related("origin", "target").get(review=review)
        if union.state != UnionState.APPROVED or union.superior_id != relocation.origin_id:
            raise Refused("申请提交之后，这家工会的状态或上级已有变化，不能再通过转移。请退回并说明。")
        require_target(union, relocation.way, relocation.target)
        require_nothing_under_way(union, "转移")
        union.superior = relocation.target
        union.save(update_fields=["superior"])
        hand_on_steps(union, to=relocation.target)
        old, new = str(relocation.origin), str(relocation.target)
        record("relocation.approved", union, by=by, union=union, old=old, new=new)
        tell_officers(review, f"贵单位工会已转移到{new}", opinion_of(step))
        title = f"组织转移已完成：{union.name}由{old}转到{new}"
        page = reverse("reviews:review", args=[review.pk])
        notify_deciders([relocation.origin_id, relocation.target_id], title, but=by, url=page, mail=False)

    def on_refused(self, review: Review, step: Step, *, by: User) -> None:
        record("relocation.refused", review.union, by=by, union=review.union)
        tell_officers(review, f"贵单位工会的转移申请被{by.union}退回，上级工会不变", opinion_of(step))

    def on_withdrawn(self, review: Review, *, by: User) -> None:
        """Undoes nothing: the union has not moved."""
