"""Filings in the approval engine: comparison, checks, effects of the decision (SPEC 2.2, 5.1)."""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.urls import reverse

from gonghui.accounts.models import User
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.filings import checks
from gonghui.filings.coverage.actions import end_cover
from gonghui.kit.errors import Refused
from gonghui.notices.actions import notify_officers
from gonghui.notices.hooks import TaskKind
from gonghui.reviews.kinds import Change, Check, ReviewKind
from gonghui.reviews.models import Review, Step
from gonghui.reviews.scans import ScanKind, Scans
from gonghui.unions import union_details
from gonghui.unions.models import Employer, RegisteredEmployer, Union, UnionState

verbs.register(filing__approved="填报通过", filing__returned="填报退回")
verbs.facts("filing", number="工会编号")


class FilingKind(ReviewKind):
    """The first filing of a grassroots union, and its resubmissions."""

    code = "filing"
    label = "工会填报"
    titled_by_employer = True
    unknown = "未登记"
    request_noun = "填报"
    scans = Scans(allowed=(ScanKind.LICENCE, ScanKind.APPROVAL))

    def headings(self, review: Review) -> tuple[str, str]:
        return ("上次填报" if review.base else "大统计库登记"), "本次填报"

    def changes(self, review: Review) -> Sequence[Change]:
        """Compares with the last round; in the first round, with the statistical register."""
        new = union_details.shown(review.proposed, path_of(review.proposed), review.union)
        old = (
            union_details.shown(review.base, path_of(review.base), review.union)
            if review.base
            else _registered_words(review)
        )
        return [
            Change(union_details.LABELS[key], old.get(key), new[key]) for key in union_details.keys_of(review.proposed)
        ]

    def folds_unchanged(self, review: Review) -> bool:
        return bool(review.base)

    def prepare(self, reviews: Sequence[Review]) -> dict[int, checks.KnownEmployers]:
        return dict.fromkeys((review.pk for review in reviews), checks.known_employers(reviews))

    def checks(self, review: Review, prepared: checks.KnownEmployers) -> Sequence[Check]:
        values = review.proposed
        return [
            checks.check_code(values["code"]),
            checks.check_register(values, prepared),
            *checks.check_covered(values, prepared),
            checks.check_duplicates(review, prepared),
            checks.check_dates(values),
            checks.check_staff(values),
        ]

    def on_approved(self, review: Review, step: Step, *, by: User) -> None:
        """Publishes the particulars and gives the union its 工会编号."""
        union = Union.objects.select_for_update().get(pk=review.union_id)
        if union.state != UnionState.PENDING:
            raise Refused(f"这家工会的状态已变为「{union.get_state_display()}」，不能再审核通过。请刷新页面。")
        if Employer.objects.filter(code=review.proposed["code"]).exclude(union=union).exists():
            raise Refused(f"代码 {review.proposed['code']} 已属于另一家工会，不能通过。请退回并说明。")
        end_cover(review.proposed["code"], by=by)
        level2 = Union.objects.get(inferiors=review.proposed["superior"])
        union.state = UnionState.APPROVED
        union.number = union.number or _next_number(level2)
        union_details.publish(union, review.proposed)
        review.filing.code_held = False
        review.filing.save()
        record("filing.approved", union, by=by, union=union, number=union.number)
        tell_officers(review, f"贵单位的工会资料已审核通过，工会编号 {union.number}", opinion_of(step))

    def on_refused(self, review: Review, step: Step, *, by: User) -> None:
        _free(review, UnionState.RETURNED)
        record("filing.returned", review.union, by=by, union=review.union)
        tell_officers(review, "贵单位的工会资料被退回修改", opinion_of(step), task=task_of(review.union))

    def on_withdrawn(self, review: Review, *, by: User) -> None:
        earlier = review.union.filings.filter(review__isnull=False).exclude(review=review).exists()
        _free(review, UnionState.RETURNED if earlier else UnionState.UNFILED)


def _free(review: Review, state: UnionState) -> None:
    """Returns the union to its officer: sets its state, and frees the code for other unions."""
    union = Union.objects.select_for_update().get(pk=review.union_id)
    union.state = state
    union.save(update_fields=["state"])
    review.filing.code_held = False
    review.filing.save()


def task_of(union: Union) -> str:
    """Returns the task of a notice that asks the union to file (``notices.actions.settle``)."""
    return f"filing:{union.pk}"


RETURNED = "return.filing"


def task_kinds() -> list[TaskKind]:
    """Returns the kinds of tasks, for ``notices.hooks.task_kinds``."""
    return [TaskKind(RETURNED, "工会资料退回修改", reverse("filings:own"))]


def tell_officers(review: Review, title: str, body: str = "", *, task: str = "") -> None:
    """Notifies the officers of the requesting union, with a link to its page. ``task``: see ``task_of``."""
    notify_officers(
        [review.union_id],
        title,
        body=body,
        url=reverse("filings:own"),
        tasks=[task] if task else [],
        kind=RETURNED if task else "",
    )


def opinion_of(step: Step) -> str:
    """Returns 「审批意见：…」, or ""."""
    return f"审批意见：{step.opinion}" if step.opinion else ""


def path_of(packed: dict[str, Any]) -> str:
    """Returns the full path of the superior in packed union_details."""
    superior = Union.objects.select_related("superior").filter(pk=packed["superior"]).first()
    return union_details.superior_path(superior)


def _next_number(level2: Union) -> str:
    """Returns a new 工会编号: the level-2 superior's three digits and six running ones. It never changes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('unions_number')")
        return f"{level2.code}{cursor.fetchone()[0]:06}"


def _registered(review: Review) -> RegisteredEmployer | None:
    """Returns the register's entry for the typed code, else the one linked at registration."""
    code = review.proposed["code"]
    return RegisteredEmployer.objects.filter(code=code).first() or review.union.employer.registered


def _registered_words(review: Review) -> dict[str, str]:
    """Returns the register's values as ``union_details.shown`` displays them, without unknown ones."""
    employer = _registered(review)
    if employer is None:
        return {}
    values = {
        "employer_name": employer.name,
        "code": employer.code,
        "economic_type": employer.get_economic_type_display(),
        "superior": union_details.superior_path(employer.street),
        "industry": employer.get_industry_display(),
        "address": employer.address,
        "staff_count": str(employer.staff_count or ""),
    }
    return {key: value for key, value in values.items() if value}
