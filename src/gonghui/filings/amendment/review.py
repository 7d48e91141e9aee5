"""Amendments in the approval engine: old and new values, and a check of the live values (SPEC 2.3)."""

from collections.abc import Sequence

from gonghui.accounts.models import User
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.filings import checks
from gonghui.filings.coverage.queries import covered_page, require_type_covers
from gonghui.filings.filing.review import opinion_of, path_of, tell_officers
from gonghui.filings.reminders.actions import settle_deadlines
from gonghui.kit.errors import Refused
from gonghui.reviews.kinds import Change, Check, ReviewKind
from gonghui.reviews.models import Review, Step
from gonghui.reviews.scans import ScanKind, Scans
from gonghui.unions import union_details
from gonghui.unions.models import Union, UnionState

verbs.register(amendment__approved="资料修改通过", amendment__refused="资料修改退回")


class AmendmentKind(ReviewKind):
    """A change of an approved union's particulars; the old ones are valid until it is approved."""

    code = "amendment"
    label = "资料修改"
    titled_by_employer = True
    old_heading = "现在的资料"
    new_heading = "申请修改为"
    live_note = "修改审核通过之前，以下资料仍然有效"
    scans = Scans(allowed=(ScanKind.LICENCE, ScanKind.APPROVAL))

    def changes(self, review: Review) -> Sequence[Change]:
        """Compares all values at the time of the request with the requested ones. Marks a changed phone, which is masked."""
        old = union_details.shown(review.base, path_of(review.base), review.union)
        new = union_details.shown(review.proposed, path_of(review.proposed), review.union)
        changed = union_details.differences(review.base, review.proposed, review.union)
        if "phone" in changed and old["phone"] == new["phone"]:
            new["phone"] += "（与原来不同）"
        return [Change(union_details.LABELS[key], old[key], new[key]) for key in union_details.keys_of(review.proposed)]

    def folds_unchanged(self, review: Review) -> bool:
        return True

    def details(self, review: Review) -> tuple[str, str] | None:
        return covered_page(review.union)

    def prepare(self, reviews: Sequence[Review]) -> dict[int, checks.CoverageFigures]:
        return checks.coverage_figures(reviews)

    def checks(self, review: Review, prepared: checks.CoverageFigures | None) -> Sequence[Check]:
        return [
            checks.check_unchanged(review),
            checks.check_dates(review.proposed),
            checks.check_staff(review.proposed),
            checks.check_members(review.proposed, review.union.working_count),
            *checks.check_coverage(review.proposed, prepared),
        ]

    def on_approved(self, review: Review, step: Step, *, by: User) -> None:
        """Publishes the new particulars, if the old ones are still those that the reviewer saw."""
        union = Union.objects.select_for_update().get(pk=review.union_id)
        if union.state != UnionState.APPROVED:
            raise Refused(f"这家工会的状态已变为「{union.get_state_display()}」，不能再通过修改。请退回并说明。")
        if changed := union_details.differences(review.base, union_details.current(union), union):
            names = "、".join(union_details.LABELS[key] for key in changed)
            raise Refused(f"申请提交之后，这家工会的{names}已有变化，不能按原来的对照通过。请退回，由经办人重新提交。")
        require_type_covers(union, review.proposed["grassroots_type"])
        union_details.publish(union, review.proposed)
        settle_deadlines(union, union_details.differences(review.base, review.proposed, union))
        changes = union_details.changes(review.base, review.proposed, union)
        record("amendment.approved", union, by=by, union=union, changes=changes)
        tell_officers(review, "贵单位工会资料的修改已审核通过", opinion_of(step))

    def on_refused(self, review: Review, step: Step, *, by: User) -> None:
        record("amendment.refused", review.union, by=by, union=review.union)
        tell_officers(review, "贵单位工会资料的修改被退回，原来的资料不变", opinion_of(step))

    def on_withdrawn(self, review: Review, *, by: User) -> None:
        """Undoes nothing: the old particulars stayed valid."""
