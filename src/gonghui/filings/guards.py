"""Checks before an act of an approved union's officer (SPEC 2.3 to 2.5)."""

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.filings.rules import can_change, can_file
from gonghui.kit.errors import Refused
from gonghui.unions.hooks import blockers
from gonghui.unions.models import Union


def lock_for_change(union: Union, by: User) -> Union:
    """Returns the union, locked, for an act of its officer. Raises Refused: not approved, or ``by`` may not."""
    union = Union.objects.select_for_update(of=("self",)).select_related("superior").get(pk=union.pk)
    require(can_file, by, union, sentence="只有本工会的经办人可以办理。")
    if not can_change(by, union):
        raise Refused(
            f"本工会的状态是「{union.get_state_display()}」，审核通过的工会才能办理。请刷新页面查看最新状态。"
        )
    return union


def superior_of(union: Union) -> Union:
    """Returns the level-3 superior of an approved union. Raises Refused when there is none."""
    if union.superior is None:
        raise Refused("本工会还没有上级工会，请先在“组织管理”中完成填报。")
    return union.superior


def require_nothing_under_way(union: Union, act: str) -> None:
    """Raises Refused with all that must end before ``act`` (转移, 撤销)."""
    if pending := blockers(union):
        raise Refused(f"现在不能{act}：{'；'.join(blocker.text for blocker in pending)}。请先办完或撤回，再{act}。")
