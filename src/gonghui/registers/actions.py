"""An administrator's acts on a register: send a file in pieces, confirm what it would change, or give it up (SPEC 5.4).

The command line calls the same actions, with nobody as ``by``.
"""

from collections.abc import Iterable
from datetime import timedelta
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.kit.errors import Refused
from gonghui.kit.excel import Problem
from gonghui.kit.jobs import defer
from gonghui.kit.sealing import purpose
from gonghui.registers import job, queries
from gonghui.registers.models import OPEN, RUNNING, Load, LoadState, Piece, Register
from gonghui.registers.rules import can_load_registers

verbs.register(
    register__uploaded="上传登记库文件",
    register__confirmed="确认载入登记库",
    register__discarded="放弃载入登记库",
    register__reported="下载登记库的错误清单",
    register__searched="查询登记库",
)
verbs.looks(register__searched=verbs.EACH)
verbs.facts("register", size="字节数", problems="错误数", found="找到")

MAX_BYTES = 200 * 1024 * 1024
PIECE_BYTES = 4 * 1024 * 1024
"""The page sends a file in pieces of this size, the last one shorter."""

LEFT_AFTER = timedelta(minutes=30)
"""An upload without a new piece for so long has been left, and keeps nobody out."""

_ONLY_ADMINS = "只有市总工会的平台管理员可以载入登记库。"
TOO_LARGE = f"文件超过上限 {MAX_BYTES // 1024**2} MB，没有上传。请删除不需要的列，或拆分成几个文件分别载入。"


def begin(register: Register, filename: str, size: int, *, by: User | None) -> Load:
    """Begins an upload of ``size`` bytes. Raises Refused: ``by`` may not, it is empty or too large, or another load of
    the register is open: then it says whose.
    """
    _require(by)
    if size < 1:
        raise Refused("这是一个空文件，可能没有导出或上传完整。请重新选择文件上传。", field="file")
    if size > MAX_BYTES:
        raise Refused(TOO_LARGE, field="file")
    _end_left(register)
    try:
        with transaction.atomic():
            load = Load.objects.create(register=register, filename=filename[-255:], size=size, by=by, seal_id=uuid4())
            record("register.uploaded", load, by=by, register=register, size=size)
    except IntegrityError:
        raise _occupied(register) from None
    return load


def _end_left(register: Register) -> None:
    """Ends an upload that was left, and a command that was killed where no worker has seen it yet."""
    for pk in Load.objects.filter(register=register, state__in=RUNNING, by=None).values_list("pk", flat=True):
        job.give_up(pk)
    left = Load.objects.filter(register=register, state=LoadState.UPLOADING, touched_at__lt=timezone.now() - LEFT_AFTER)
    for pk in left.values_list("pk", flat=True):
        job.end(pk, LoadState.DISCARDED, "上传中断，没有载入任何一行。")


def open_load(register: Register) -> Load | None:
    """The load that keeps others out."""
    return Load.objects.light().filter(register=register, state__in=OPEN).select_related("by").first()


def _occupied(register: Register) -> Refused:
    load = open_load(register)
    if load is None:  # it has just ended
        return Refused("刚才有一个载入结束了，请再上传一次。", field="file")
    told = "请等它完成" if load.is_running else "请先确认或放弃它"
    return Refused(
        f"{load.who}正在载入{Register(register).label}（“{load.filename}”，{load.get_state_display()}）。一次只能载入一个文件，{told}，再上传。",
        field="file",
    )


def add_piece(load: Load, number: int, data: bytes, *, by: User | None) -> Load:
    """Keeps a piece, sealed. The same number again changes nothing: its answer was lost. Raises Refused."""
    with transaction.atomic():
        load = _locked(load, by)
        if load.state != LoadState.UPLOADING or not 0 < len(data) <= PIECE_BYTES:
            raise Refused("这次上传已经结束或不完整。请刷新页面，重新选择文件上传。")
        if Piece.objects.filter(load=load, number=number).exists():
            return load
        if number != Piece.objects.filter(load=load).count() or load.bytes_received + len(data) > load.size:
            raise Refused("上传的内容与文件不符，可能在上传时文件有改动。请重新选择文件上传。")
        owner = uuid4()
        sealed = purpose(Piece, "content_sealed").seal_bytes(data, owner)
        Piece.objects.create(load=load, number=number, content_sealed=sealed, seal_id=owner)
        load.bytes_received, load.touched_at = load.bytes_received + len(data), timezone.now()
        load.save(update_fields=["bytes_received", "touched_at"])
    return load


def add_pieces(load: Load, chunks: Iterable[bytes], *, by: User | None) -> None:
    """Keeps a whole file that is read here, in pieces."""
    pending, number = bytearray(), 0
    for chunk in chunks:
        pending += chunk
        while len(pending) >= PIECE_BYTES:
            add_piece(load, number, bytes(pending[:PIECE_BYTES]), by=by)
            pending, number = pending[PIECE_BYTES:], number + 1
    if pending:
        add_piece(load, number, bytes(pending), by=by)


def check(load: Load, *, by: User | None, by_job: bool = True) -> Load:
    """The file is whole: has it checked, by a job unless the caller runs `job.run` itself. Raises Refused."""
    with transaction.atomic():
        load = _locked(load, by)
        if load.state != LoadState.UPLOADING:
            raise Refused(f"这次载入的状态是“{load.get_state_display()}”，不能再检查。请刷新页面查看。")
        if load.bytes_received != load.size:
            raise Refused("文件没有上传完整。请重新选择文件上传。")
        _go_on(load, LoadState.CHECKING, by_job)
    return load


def confirm(load: Load, *, by: User | None, by_job: bool = True) -> Load:
    """Has what was checked written. Raises Refused when it does not wait for that."""
    with transaction.atomic():
        load = _locked(load, by)
        if load.state != LoadState.WAITING:
            raise Refused(f"这次载入的状态是“{load.get_state_display()}”，不能再确认。请刷新页面查看。")
        record(
            "register.confirmed", load, by=by, register=load.register, new=load.rows_new, changed=load.rows_changed,
            wrong=load.rows_wrong,
        )  # fmt: skip
        _go_on(load, LoadState.LOADING, by_job)
    return load


def discard(load: Load, *, by: User | None) -> Load:
    """Gives up a load that waits for an administrator, whoever began it; deletes its file. Raises Refused."""
    with transaction.atomic():
        load = _locked(load, by)
        if load.state not in (LoadState.UPLOADING, LoadState.WAITING):
            raise Refused(f"这次载入的状态是“{load.get_state_display()}”，不能放弃。请刷新页面查看。")
        record("register.discarded", load, by=by, register=load.register)
        job.end(load.pk, LoadState.DISCARDED, f"由{by or '运维人员'}放弃，没有载入任何一行。")
    return load


def report(load: Load, *, by: User) -> list[Problem]:
    """The listed problems in full, for the file to download: recorded, as they quote personal data. Raises Refused."""
    with transaction.atomic():
        load = _locked(load, by)
        load.refresh_from_db(fields=["problems_sealed"])
        if not load.problems_sealed:
            raise Refused("这次载入没有可以下载的错误清单，或清单已超过保存期限。")
        record("register.reported", load, by=by, register=load.register, problems=load.problem_count)
    return load.problems


def _go_on(load: Load, state: LoadState, by_job: bool) -> None:
    from gonghui.registers.tasks import run_load

    load.state, load.rows_done = state, 0
    load.save(update_fields=["state", "rows_done"])
    if by_job:
        defer(run_load, load_id=load.pk)


def _locked(load: Load, by: User | None) -> Load:
    """The load, locked until the transaction ends; the rule is asked under the lock."""
    load = Load.objects.light().select_for_update(of=("self",)).select_related("by").get(pk=load.pk)
    _require(by)
    return load


def _require(by: User | None) -> None:
    if by is not None:
        require(can_load_registers, by, sentence=_ONLY_ADMINS)


def search(register: Register, text: str, *, by: User) -> list[queries.Found]:
    """Rows by a part of a name or a whole code. A look at people is recorded, without what was searched for."""
    _require(by)
    found = queries.search(register, text)
    if register == Register.MEMBERS:
        with transaction.atomic():
            people = [one.member for one in found[: queries.FOUND]]
            record("register.searched", by=by, people=people, register=register, found=min(len(found), queries.FOUND))
    return found
