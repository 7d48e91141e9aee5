"""Writes of a relocation (SPEC 2.4): submit. What its review's end means stands in review_relocation.py."""

from django.db import transaction

from gonghui.accounts.models import User
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.filings.guards import lock_for_change, require_nothing_under_way, superior_of
from gonghui.filings.models import Relocation
from gonghui.filings.reason import require_reason
from gonghui.kit.errors import Refused
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
    """Ask to stand under ``target``; the superior now and the superior to be both have to approve, in either order.

    Raises Refused: ``target`` is the superior now, or not of the kind that ``way`` offers; something is under way that
    must end first; another request is open; ``by`` may not.
    """
    from gonghui.filings.relocation.review import RelocationKind

    reason = require_reason(reason, "转移原因")
    with transaction.atomic():
        union = lock_for_change(union, by)
        superior = superior_of(union)
        require_target(union, way, Union.objects.get(pk=target.pk))
        require_nothing_under_way(union, "转移")
        base = {**union_details.current(union), "members": union.member_count}
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
    """The side of the tree (a key of ``levels.ENTRANCES``) on which a relocation of this kind looks for its target."""
    own = next(name for name, (_, level3) in ENTRANCES.items() if level3 == superior_of(union).kind)
    return own if way == Relocation.Way.WITHIN else next(name for name in ENTRANCES if name != own)


def require_target(union: Union, way: str, target: Union) -> None:
    """Raises Refused when a relocation of this kind cannot lead to ``target``."""
    if target.pk == union.superior_id:
        raise Refused(f"本工会现在就属于{target.name}，请选择另一家上级工会。", field="superior")
    if target.kind != ENTRANCES[target_entrance(union, way)][1] or target.state != UnionState.APPROVED:
        label = Relocation.Way(way).label
        raise Refused(
            f"{target.name}不是「{label}」可以转入的上级工会，请重新选择，或改选另一种转移方式。", field="superior"
        )
