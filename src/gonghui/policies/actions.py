"""The write of a policy."""

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.kit.errors import Refused
from gonghui.policies.fields import FIELDS
from gonghui.policies.models import Policy
from gonghui.policies.queries import above
from gonghui.policies.rules import can_set_policy
from gonghui.unions.models import Union

verbs.register(policy__set="设定本级和下级的期限")


def set_policy(union: Union, values: Mapping[str, int | None], *, by: User) -> Policy:
    """Sets ``values`` (keys of FIELDS; None: as the superior) for the union and all unions below it, from now on.

    Existing requests keep their deadline. Raises Refused when ``by`` may not, or a value is out of range or greater
    than the superior's.
    """
    with transaction.atomic():
        # The lock excludes a second change for this union. The superior may change its value at the same time, so the
        # query takes the smaller of the two.
        union = Union.objects.select_for_update(of=("self",)).select_related("superior").get(pk=union.pk)
        require(
            can_set_policy, by, union, sentence="只有本工会的管理员可以设定期限。需要调整的，请联系本工会的管理员。"
        )
        policy = Policy.objects.filter(union=union).first() or Policy(union=union)
        changes = []
        for name, value in values.items():
            _require_possible(union, name, value)
            old = getattr(policy, name)
            if old != value:
                changes.append([FIELDS[name].label, str(old or ""), str(value or "")])
                setattr(policy, name, value)
        if changes:
            policy.set_by, policy.set_at = by, timezone.now()
            policy.save()
            record("policy.set", union, by=by, union=union, changes=changes)
    return policy


def _require_possible(union: Union, name: str, value: int | None) -> None:
    field = FIELDS[name]
    if value is None:
        return
    if not 1 <= value <= field.maximum:
        raise Refused(f"{field.label}应为 1 至 {field.maximum} 的整数。", field=name)
    if union.superior and value > (most := above(union, name)):
        raise Refused(
            f"{union.superior.name}规定的期限是 {most} 天，只能缩短，不能延长。请填写不超过 {most} 的天数。", field=name
        )
