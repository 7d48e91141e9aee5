"""The locks and states that every write of the engine requires first (SPEC 3.4)."""

from collections.abc import Mapping, Sequence

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.imports.kinds import ImportKind
from gonghui.imports.models import Batch
from gonghui.imports.queries import is_running, waiting_imports
from gonghui.imports.rules import can_import
from gonghui.kit.days import today_began
from gonghui.kit.errors import Refused
from gonghui.kit.excel import Column
from gonghui.unions.models import Union, UnionState

MAX_WAITING = 5
"""Maximum number of waiting imports of a union, of all kinds: each stores a file of up to 10 MB."""

UPLOADS_A_DAY = 100
"""Maximum number of uploads of a union per day: each is stored for a month, whatever its result."""

RUNNING = "本工会有一个导入正在处理中，请等它完成后再上传。进度见“历史导入记录”。"


def lock(batch_id: int) -> Batch:
    """Returns the batch without its sealed files, locked until the transaction ends."""
    return Batch.objects.light().select_for_update(of=("self",)).select_related("union", "uploaded_by").get(pk=batch_id)


def lock_union(union_id: int) -> Union:
    """Locks the union: only one import starts or ends at a time. Other rows can still refer to it."""
    return Union.objects.select_for_update(no_key=True).get(pk=union_id)


def require_free(union: Union, kind: ImportKind, by: User) -> None:
    """Raises Refused when ``by`` may not import, the union is not approved, or has a running import."""
    require(can_import, by, union, kind, sentence=f"只有本工会的{kind.importer}可以导入。")
    require_approved(union, kind)
    if is_running(union):
        raise Refused(RUNNING)


def require_room(union: Union, kind: ImportKind) -> None:
    """Limits the waiting imports; called before the file is read, and again under the union's lock. Raises Refused."""
    if waiting_imports(union).count() >= MAX_WAITING:
        raise Refused(
            f"本工会已有 {MAX_WAITING} 个导入等待处理，没有接收这个文件。请先在“等待处理的导入”中逐个确认、修改或放弃，再上传。"
        )
    if Batch.objects.filter(union=union, uploaded_at__gte=today_began()).count() >= UPLOADS_A_DAY:
        raise Refused(
            f"本工会今天已上传 {UPLOADS_A_DAY} 个导入文件，没有接收这个文件。请把{kind.noun}合并到少数文件中，明天再上传。"
        )


def require_approved(union: Union, kind: ImportKind) -> None:
    """Raises Refused when the union is not approved."""
    if union.state != UnionState.APPROVED:
        raise Refused(f"工会资料审核通过以后才能导入{kind.noun}。请先完成基层工会资料上报。")


def require_waiting(batch: Batch) -> None:
    """Raises Refused when the batch does not wait for an officer."""
    if not batch.is_waiting:
        raise Refused(f"这次导入的状态是“{batch.get_state_display()}”，不能再改变。请刷新页面查看。")


def require_once(headings: Mapping[str, str], columns: Sequence[Column]) -> None:
    """Raises Refused when two headings are mapped to the same column."""
    for column in columns:
        mapped = [heading for heading, key in headings.items() if key == column.key]
        if len(mapped) > 1:
            named = "、".join(f"“{heading}”" for heading in mapped)
            raise Refused(f"{named}不能都是“{column.heading}”。请只选一列，其余的选“不读取”。")
