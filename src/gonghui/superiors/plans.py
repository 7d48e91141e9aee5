"""What an act on the tree would do: checked and told before it is confirmed, and checked again under the lock."""

from dataclasses import dataclass, field

from gonghui.kit.errors import Refused
from gonghui.superiors import hooks
from gonghui.superiors.queries import figures_of, running, unions_below, version_of
from gonghui.unions.levels import LEVEL, UnionKind
from gonghui.unions.models import Union, UnionState

MAX_NAME, MAX_REASON = 60, 200

KINDS_BELOW: dict[str, tuple[UnionKind, ...]] = {
    UnionKind.CITY: (UnionKind.DISTRICT, UnionKind.BUREAU),
    UnionKind.DISTRICT: (UnionKind.STREET,),
    UnionKind.BUREAU: (UnionKind.COMPANY,),
    UnionKind.STREET: (),
    UnionKind.COMPANY: (),
    UnionKind.GRASSROOTS: (),
}
"""The kinds of superior unions that may stand below one of a kind."""


@dataclass(frozen=True)
class Plan:
    """What the page says before the confirmation: sentences, and how much is concerned."""

    effects: list[str]
    figures: dict[str, int] = field(default_factory=dict)


def plan_addition(above: Union, *, kind: str, name: str, area: str, code: str) -> Plan:
    """Raises Refused for a superior that has none of this kind below it, and a wrong or taken name or code."""
    _require_standing(above, "above")
    if kind not in KINDS_BELOW[above.kind]:
        raise Refused(f"{above.name}下面不能新增{UnionKind(kind).label}，请选择正确的上级。", field="kind")
    name = _checked_name(name, above)
    _checked_area(area)
    length = 3 * (LEVEL[UnionKind(kind)] - 1)
    if len(code) != length or not (code.isascii() and code.isdecimal()):
        raise Refused(f"代码应为 {length} 位数字，请重新填写。", field="code")
    if length == 6 and not code.startswith(above.code or ""):
        raise Refused(f"代码的前 3 位应为{above.name}的代码 {above.code}，请重新填写。", field="code")
    if other := Union.objects.filter(code=code).first():
        raise Refused(f"代码 {code} 已由{other.name}使用，撤销后也不再给别的工会，请换一个。", field="code")
    return Plan([f"在{above.name}下面新增{UnionKind(kind).label}“{name}”，代码 {code}。", _ADDED])


_ADDED = "新增后即可在填报和转移时选择。它还没有账号，请到「账号管理」由其上级开通第一个管理员。"


def plan_renaming(union: Union, *, name: str, area: str, version: int) -> Plan:
    """Raises Refused for a wrong or taken name, one that is the same, and a union that was changed since ``version``."""
    _require_current(union, version)
    name, area = _checked_name(name, union.superior, union), _checked_area(area)
    if (name, area) == (union.name, union.area):
        raise Refused("名称和简称都没有变化，没有需要保存的修改。", field="name")
    return Plan(
        [
            f"“{union.name}”改名为“{name}”，简称“{area or name}”。",
            "原名称和改名的时间作为曾用名保留；代码、下级工会、会员和账号都不变。",
            "已经办结的申请和已经导出的文件仍是原来的名称。",
        ],
        figures_of(union),
    )


def plan_move(union: Union, *, above: Union, reason: str, version: int) -> Plan:
    """Raises Refused where ``above`` cannot be its superior, and for a union that was changed since ``version``."""
    _require_current(union, version)
    _checked_reason(reason)
    require_movable(union, above)
    old = union.superior.name if union.superior else ""
    return Plan(
        [
            f"{union.name}由{old}转到{above.name}，下面的工会一起转。",
            f"{old}从此看不到它们，{above.name}从此看到它们，期限等规定随新的上级执行。",
            "代码、工会编号、会员编号、账号和正在审核的申请都不变，仍由它自己审核。",
        ],
        figures_of(union),
    )


def plan_closing(union: Union, *, successor: Union | None, reason: str, version: int) -> Plan:
    """Raises Refused while anything is below or waits and nobody takes it over, for what must end first, and for a union
    that was changed since ``version``.
    """
    _require_current(union, version)
    _checked_reason(reason)
    require_closable(union, successor)
    figures = figures_of(union)
    handed = f"下面的工会和等待审核的申请全部转给{successor.name}。" if successor else "它的下面没有工会。"
    return Plan(
        [
            f"撤销{union.name}。{handed}",
            f"它的 {figures['在用账号']} 个账号停用，正在登录的立即退出。",
            "撤销后不能再选择它，不能恢复；它的名称、代码和办过的事保留在记录中。",
        ],
        figures,
    )


def require_closable(union: Union, successor: Union | None) -> None:
    """Raises Refused where the union cannot close, or ``successor`` cannot take over."""
    if union.kind == UnionKind.CITY:
        raise Refused("市总工会是组织树的顶端，不能撤销。")
    if successor:
        _require_successor(union, successor)
    elif Union.objects.filter(superior=union).standing().exists():
        raise Refused(
            f"{union.name}下面还有 {unions_below(union):,} 家基层工会，不能直接撤销。请选择接收它们的工会，一并转交。",
            field="successor",
        )
    if found := hooks.unfinished(union, successor):
        raise Refused(f"现在不能撤销：{'；'.join(found)}。请先办完，再撤销。")


def _require_successor(union: Union, successor: Union) -> None:
    if successor.pk == union.pk or successor.superior_id == union.pk or union.superior_id == successor.pk:
        raise Refused("接收的工会不能是它自己，也不能是它的上级或下级，请另选一家。", field="successor")
    if successor.kind != union.kind:
        raise Refused(f"接收的工会应与它同为{union.get_kind_display()}，请另选一家。", field="successor")
    _require_standing(successor, "successor")
    if running().filter(union=successor).exists():
        raise Refused(f"{successor.name}自己的变动还在办理，请等它完成，或另选一家。", field="successor")
    both = Union.objects.filter(superior=union).superiors().standing()
    if names := list(both.filter(name__in=Union.objects.filter(superior=successor).values("name"))[:5]):
        listed = "、".join(one.name for one in names)
        raise Refused(f"{successor.name}下面已有同名的工会：{listed}。请先改名，再转交。", field="successor")


def require_movable(union: Union, above: Union) -> None:
    """Raises Refused where ``above`` cannot be its superior, or has another of this name."""
    _require_superior(union, above)
    _checked_name(union.name, above, union)


def _require_superior(union: Union, above: Union) -> None:
    """Raises Refused where ``above`` is itself or below it, of another kind, or already its superior."""
    if union.kind in (UnionKind.CITY, UnionKind.DISTRICT, UnionKind.BUREAU):
        raise Refused(f"{union.get_kind_display()}的上级是固定的，不能调整。")
    if above.pk == union.pk or union.pk in (above.superior_id, above.level2_id, above.level3_id):
        raise Refused("不能调整到它自己或它的下级下面，请另选上级。", field="above")
    if above.pk == union.superior_id:
        raise Refused(f"它现在就属于{above.name}，请另选上级。", field="above")
    if union.kind not in KINDS_BELOW[above.kind]:
        raise Refused(f"{union.get_kind_display()}不能属于{above.get_kind_display()}，请另选上级。", field="above")
    _require_standing(above, "above")


def _require_standing(union: Union, at: str) -> None:
    if union.state == UnionState.DISSOLVED:
        raise Refused(f"{union.name}已撤销，请另选一家。", field=at)
    if running().filter(act="closed", union=union).exists():
        raise Refused(f"{union.name}正在办理撤销，请另选一家。", field=at)


def _require_current(union: Union, version: int) -> None:
    """Raises Refused for a closed union, and one that was changed since the page was shown."""
    if union.is_grassroots:
        raise Refused("基层工会的变动由它自己的经办人提出，不在这里办理。")
    if union.state == UnionState.DISSOLVED:
        raise Refused(f"{union.name}已经撤销，不能再变动。")
    if running().filter(union=union).exists():
        raise Refused(f"{union.name}的上一项变动还在办理，请等它完成后再操作。")
    if running().filter(other=union).exists():
        raise Refused(f"{union.name}正在接收另一家工会的转交，请等它完成后再操作。")
    if version != version_of(union):
        raise Refused(
            f"您打开页面之后，{union.name}已被其他管理员变动，所以您的操作没有生效。请刷新页面，看过现在的情况再操作。"
        )


def clean(text: str) -> str:
    return " ".join(text.split())


def _checked_name(name: str, above: Union | None, union: Union | None = None) -> str:
    name = clean(name)
    if not 2 <= len(name) <= MAX_NAME:
        raise Refused(f"名称应为 2 至 {MAX_NAME} 个字，请重新填写。", field="name")
    same = Union.objects.superiors().filter(superior=above, name=name).exclude(pk=union.pk if union else None)
    if other := same.first():
        state = "已撤销的" if other.state == UnionState.DISSOLVED else ""
        raise Refused(f"{above}下面已有{state}“{name}”，名称不能相同，请换一个。", field="name")
    return name


def _checked_area(area: str) -> str:
    area = clean(area)
    if len(area) > MAX_NAME:
        raise Refused(f"简称不能超过 {MAX_NAME} 个字，请缩短。", field="area")
    return area


def _checked_reason(reason: str) -> None:
    if not reason.strip() or len(reason.strip()) > MAX_REASON:
        raise Refused(f"请填写依据，不超过 {MAX_REASON} 个字，例如批复的文号。", field="reason")
