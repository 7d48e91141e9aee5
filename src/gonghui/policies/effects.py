"""What a change of the rules would do at once to people at work: said before it is saved (SPEC 5.4)."""

from collections.abc import Iterator, Sequence

from gonghui.accounts.queries import superiors_without_second_factor
from gonghui.policies.actions import Change
from gonghui.policies.models import Policy
from gonghui.unions.models import Union


def effects(union: Union, changes: Sequence[Change]) -> list[str]:
    """Returns a sentence for each effect; none for what only holds of later requests."""
    return [sentence for change in changes for sentence in _effects(union, change)]


def _effects(union: Union, change: Change) -> Iterator[str]:
    field, before, after = change.field, change.before, change.after
    if field.name == "superiors_need_totp" and before != after:
        yield _of_second_factor() if after else "上级工会的账号不再必须使用动态口令；已经启用的仍要输入，可以自己停用。"
    elif field.name == "idle_minutes" and after < before:
        yield f"已经登录、超过 {after} 分钟没有操作的，立即退出登录。"
    elif field.name == "session_hours" and after < before:
        yield f"登录已满 {after} 小时的，立即退出，要重新登录。"
    elif field.below and not union.superior and after < before:
        looser = Policy.objects.filter(union__superior=union, **{f"{field.name}__gt": after}).count()
        if looser:
            yield f"“{field.label}”有 {looser} 家区、局工会自己设定的数大于 {after}，改按 {field.text(after)}执行。"


def _of_second_factor() -> str:
    number = superiors_without_second_factor().count()
    if not number:
        return "上级工会的账号都已启用动态口令，没有账号会受影响。"
    return f"现有 {number} 个上级工会的账号还没有启用动态口令，打开下一个页面时要先启用，才能继续使用。"
