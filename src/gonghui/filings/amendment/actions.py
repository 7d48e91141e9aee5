"""Writes of an amendment (SPEC 2.3): draft, submit. The effects of its review are in review.py."""

from itertools import takewhile
from typing import Any

from django.db import transaction

from gonghui.accounts.models import User
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.filings import national
from gonghui.filings.amendment.review import AmendmentKind
from gonghui.filings.coverage.queries import require_type_covers
from gonghui.filings.guards import lock_for_change, superior_of
from gonghui.filings.models import Amendment
from gonghui.kit.errors import Refused
from gonghui.policies.columns.of_unions import collected
from gonghui.reviews import actions as reviews
from gonghui.reviews.models import ReviewPart, ReviewState
from gonghui.unions import union_details
from gonghui.unions.models import Union

verbs.register(
    amendment__drafted="保存修改草稿",
    amendment__submitted="提交资料修改",
)
verbs.facts("amendment", round="轮次")


def save_amendment_draft(union: Union, *, values: dict[str, Any], by: User) -> Amendment:
    """Stores the form as typed, valid or not. Raises Refused when the union may not be changed."""
    with transaction.atomic():
        union = lock_for_change(union, by)
        amendment = _draft(union)
        amendment.values = union_details.pack(values, union)
        amendment.save()
        record("amendment.drafted", union, by=by, union=union)
    return amendment


def submit_amendment(union: Union, *, values: dict[str, Any], by: User) -> Amendment:
    """Submits changed particulars (AmendmentForm.cleaned_data) to the superior; the old ones stay valid.

    Raises Refused when no value differs from the live ones, a new value of a code list is retired, a value of the national
    form is wrong or was emptied though required, another request is open, or ``by`` may not.
    """
    with transaction.atomic():
        union = lock_for_change(union, by)
        asked = collected()
        values = national.require_right(values, union, asked)
        live = union_details.current(union, asked.names)
        union_details.require_offered_codes(values, live)
        amendment = _draft(union)
        amendment.values = union_details.pack(
            {key: values[key] for key in values if key not in union_details.FIXED}, union
        )
        proposed = live | amendment.values
        if not union_details.differences(live, proposed, union):
            raise Refused("填写的内容与现在的资料完全相同，没有需要提交的修改。")
        require_type_covers(union, values["grassroots_type"])
        amendment.review = reviews.submit(
            AmendmentKind,
            union=union,
            title=union.employer.name,
            superiors={ReviewPart.SUPERIOR: superior_of(union)},
            proposed=proposed,
            base=live,
            round=_rounds(union) + 1,
            by=by,
        )
        amendment.save()
        changes = union_details.changes(live, proposed, union)
        record("amendment.submitted", union, by=by, union=union, changes=changes, round=amendment.review.round)
    return amendment


def returned_amendment(union: Union) -> Amendment | None:
    """Returns the union's newest amendment if its superior has returned it: a new one starts from it."""
    newest = (
        Amendment.objects.filter(union=union, review__isnull=False).select_related("review").order_by("-pk").first()
    )
    return newest if newest and newest.review and newest.review.state == ReviewState.REFUSED else None


def _draft(union: Union) -> Amendment:
    return Amendment.objects.filter(union=union, review=None).first() or Amendment(union=union)


def _rounds(union: Union) -> int:
    """Returns the number of submissions since the last approved amendment."""
    states = Amendment.objects.filter(union=union, review__isnull=False).order_by("-pk")
    recent = states.values_list("review__state", flat=True)[:50]
    return len(list(takewhile(lambda state: state != ReviewState.APPROVED, recent)))
