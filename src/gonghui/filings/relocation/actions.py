"""Writes of a relocation (SPEC 2.4): submit. The effects of its review are in review.py."""

from django.db import transaction

from gonghui.accounts.models import User
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.filings.guards import lock_for_change, require_nothing_under_way, superior_of
from gonghui.filings.models import Relocation
from gonghui.filings.reason import require_reason
from gonghui.kit.errors import Refused
from gonghui.policies.columns.of_unions import collected
from gonghui.reviews import actions as reviews
from gonghui.reviews.models import ReviewPart
from gonghui.unions import union_details
from gonghui.unions.levels import ENTRANCES
from gonghui.unions.models import Union, UnionState

verbs.register(
    relocation__submitted="提交组织转移",
    relocation__approved="组织转移通过",
    relocation__refused="组织转移退回",
)


def submit_relocation(union: Union, *, way: str, target: Union, reason: str, by: User) -> Relocation:
    """Submits a move to ``target``; the present and the new superior must both approve, in any order.

    Raises Refused when ``target`` is the present superior or not of the kind that ``way`` allows, something that must
    end first is under way, another request is open, or ``by`` may not.
    """
    from gonghui.filings.relocation.review import RelocationKind

    reason = require_reason(reason, "转移原因")
    with transaction.atomic():
        union = lock_for_change(union, by)
        superior = superior_of(union)
        require_target(union, way, Union.objects.get(pk=target.pk))
        require_nothing_under_way(union, "转移")
        base = {**union_details.current(union, collected().names), "members": union.member_count}
        review = reviews.submit(
            RelocationKind,
            union=union,
            title=union.employer.name,
            superiors={ReviewPart.RELEASING: superior, ReviewPart.RECEIVING: target},
            proposed={"superior": target.pk, "way": way, "reason": reason},
            base=base,
            by=by,
        )
        relocation = Relocation.objects.create(
            union=union, way=way, origin=superior, target=target, reason=reason, review=review
        )
        record("relocation.submitted", union, by=by, union=union, old=str(superior), new=str(target))
    return relocation


def target_entrance(union: Union, way: str) -> str:
    """Returns the side of the tree (a key of ``levels.ENTRANCES``) that contains the targets of this kind."""
    own = next(name for name, (_, level3) in ENTRANCES.items() if level3 == superior_of(union).kind)
    return own if way == Relocation.Way.WITHIN else next(name for name in ENTRANCES if name != own)


def require_target(union: Union, way: str, target: Union) -> None:
    """Raises Refused when ``target`` is not possible for this kind of relocation."""
    if target.pk == union.superior_id:
        raise Refused(f"本工会现在就属于{target.name}，请选择另一家上级工会。", field="superior")
    if target.kind != ENTRANCES[target_entrance(union, way)][1] or target.state != UnionState.APPROVED:
        label = Relocation.Way(way).label
        raise Refused(
            f"{target.name}不是「{label}」可以转入的上级工会，请重新选择，或改选另一种转移方式。", field="superior"
        )
