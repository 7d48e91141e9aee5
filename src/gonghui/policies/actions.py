"""The write of a union's rules."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.accounts.queries import has_second_factor
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.kit.errors import Refused
from gonghui.notices.actions import notify
from gonghui.policies.fields import PolicyField
from gonghui.policies.models import Policy
from gonghui.policies.queries import Standing, standings
from gonghui.policies.rules import can_set_policy
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union

verbs.register(policy__set="设定本级和下级的规则")

BIND_FIRST = (
    "您自己的账号还没有启用动态口令，要求以后会先把您挡在外面。请先在“账号设置”的“动态口令”中启用，再回到这里设定。"
)


class Change(NamedTuple):
    """What one field would become. ``before`` and ``after`` are what holds in the union, ``old`` and ``new`` its own."""

    field: PolicyField
    old: Any
    new: Any
    before: Any
    after: Any

    @property
    def words(self) -> list[str]:
        """As the audit has it."""
        return [self.field.label, self.field.text(self.old), self.field.text(self.new)]

    @property
    def before_text(self) -> str:
        return self.field.text(self.before)

    @property
    def after_text(self) -> str:
        return self.field.text(self.after)

    @property
    def said(self) -> str:
        """What holds before and after."""
        return f"{self.field.label}：{self.before_text} → {self.after_text}"


def version_of(policy: Policy | None) -> str:
    """Which values a page has shown: saving them is refused when they are others by then."""
    return policy.set_at.isoformat() if policy else ""


def changes(union: Union, values: Mapping[str, Any], *, by: User) -> list[Change]:
    """Returns what `set_policy` would change; raises Refused as it does."""
    union = Union.objects.select_related("superior__superior").get(pk=union.pk)
    require(can_set_policy, by, union, sentence=_NOT_YOURS)
    return _changes(union, Policy.objects.filter(union=union).first(), values, by)


def set_policy(union: Union, values: Mapping[str, Any], *, by: User, version: str | None = None) -> list[Change]:
    """Sets ``values`` (keys of FIELDS; None: as above) for the union and all unions below it, from now on.

    What is under way keeps its deadline. Raises Refused: ``by`` may not, a value is out of range, less strict than the
    superior's, or would lock ``by`` out; somebody has set others since ``version`` was shown (`version_of`).
    """
    with transaction.atomic():
        # The lock excludes a second change for this union. The superior may change its value at the same time, so the
        # queries take the stricter of the two.
        locked = Union.objects.select_for_update(of=("self",), no_key=True).select_related("superior__superior")
        union = locked.get(pk=union.pk)
        require(can_set_policy, by, union, sentence=_NOT_YOURS)
        policy = Policy.objects.select_related("set_by").filter(union=union).first()
        changed = _changes(union, policy, values, by)
        if not changed:
            return []
        if policy and version not in (None, version_of(policy)):
            raise Refused(f"{policy.set_by}刚刚修改了这些规则，您的修改没有保存。请核对现在执行的规则，再保存一次。")
        policy = policy or Policy(union=union)
        for change in changed:
            setattr(policy, change.field.name, change.new)
        policy.set_by, policy.set_at = by, timezone.now()
        policy.save()
        record("policy.set", union, by=by, union=union, changes=[change.words for change in changed])
        if union.kind == UnionKind.CITY:
            _tell_below(union, changed)
    return changed


_NOT_YOURS = "只有本工会的管理员可以设定规则。需要调整的，请联系本工会的管理员。"


def _changes(union: Union, policy: Policy | None, values: Mapping[str, Any], by: User) -> list[Change]:
    held = standings(union, policy)
    return [_change(union, held[name], value, by) for name, value in values.items() if value != held[name].own]


def _change(union: Union, standing: Standing, value: Any, by: User) -> Change:
    field = standing.field
    if union.superior and not field.below:
        raise Refused(f"“{field.label}”由市总工会统一规定，本级不能设定。", field=field.name)
    if value is not None and (problem := field.problem(value)):
        raise Refused(problem, field=field.name)
    if union.superior and value is not None and value > standing.above:
        raise Refused(
            f"{union.superior.name}的规定是 {standing.above_text}，本级只能更严，不能放宽。"
            f"请填写不超过 {standing.above} 的数，或不填。",
            field=field.name,
        )
    stricter = standing.above if value is None else value
    after = stricter if union.superior else field.holds(value)
    if field.name == "superiors_need_totp" and after and not standing.holds and not has_second_factor(by):
        raise Refused(BIND_FIRST, field=field.name)
    return Change(field, standing.own, value, standing.holds, after)


def _tell_below(city: Union, changed: list[Change]) -> None:
    """One notice to each administrator of the districts and bureaus, of all that holds otherwise now."""
    different = [change.said for change in changed if change.before != change.after]
    if different:
        administrators = User.objects.administrators().filter(union__superior=city).order_by("pk")
        notify(
            administrators, f"{city}修改了平台的规则", body="；".join(different) + "。", url=reverse("policies:own"),
        )  # fmt: skip
