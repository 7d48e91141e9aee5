"""「已联系」 and 「不具备条件」 of employers without a union, and taking either back (SPEC 5.3)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.exports.kinds import AT_ONCE
from gonghui.kit import excel
from gonghui.kit.errors import Refused
from gonghui.registers.models import MAX_NOTE, EmployerMark, Mark
from gonghui.registers.rules import can_mark_employers
from gonghui.registers.unorganised.export import HEADINGS, counted, lines, record_exported, require_right
from gonghui.registers.unorganised.form import UnorganisedFilter
from gonghui.unions.models import RegisteredEmployer

verbs.register(
    employer__marked="标记未建会单位",
    employer__unmarked="取消未建会单位的标记",
)
verbs.facts("employer", mark=("标记", Mark), note="说明", employers="单位")

MAX_AT_ONCE = 500
_NAMED = 5


@dataclass
class MarkResult:
    """Who was marked, who was so already, and why others were not (sentences without full stop)."""

    changed: list[RegisteredEmployer] = field(default_factory=list)
    same: int = 0
    passed_over: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    gone: int = 0

    def remarks(self) -> Iterator[str]:
        """A sentence for each reason why something was left as it is."""
        if self.same:
            yield f"{self.same} 家本来就是这样，没有变化。"
        for reason, names in self.passed_over.items():
            named = "、".join(names[:_NAMED]) + (" 等" if len(names) > _NAMED else "")
            yield f"{named}（{len(names)} 家）没有改动：{reason}。"
        if self.gone:
            yield f"{self.gone} 家没有改动：已不在您管辖的名单中。"


def mark(ticked: Mapping[int, int], kind: Mark | None, note: str = "", *, by: User) -> MarkResult:
    """Marks the employers with these ids, or takes their marks back (None). ``ticked``: id, and the version of the mark
    that the page has shown (0: none); one that somebody has changed since is left, as is who has a union by now.

    Raises Refused: none, too many, ``by`` may not, a note that is missing or too long, nobody below ``by``.
    """
    note = _checked(ticked, kind, note)
    with transaction.atomic():
        locked = RegisteredEmployer.objects.filter(pk__in=ticked).select_for_update(no_key=True).order_by("pk")
        employers = list(locked)
        require(can_mark_employers, by, sentence="只有上级工会的管理员和审核人可以标记未建会单位。")
        rows = RegisteredEmployer.objects.visible_to(by).filter(pk__in=ticked)
        visible = set(rows.values_list("pk", flat=True))
        organised = set(rows.with_union().values_list("pk", flat=True))
        if not visible:
            raise Refused("所选的单位已不在您管辖的名单中。请刷新页面查看。")
        marks = {one.employer_id: one for one in EmployerMark.objects.filter(employer__in=visible).select_related("by")}
        result = MarkResult(gone=len(ticked) - len(visible))
        for employer in employers:
            old = marks.get(employer.pk)
            if employer.pk not in visible:
                continue
            if _is(old, kind, note):
                result.same += 1
            elif employer.pk in organised:
                result.passed_over["已经建会，不再列在名单中"].append(employer.name)
            elif (old.version if old else 0) != ticked[employer.pk]:
                result.passed_over[_since(old)].append(employer.name)
            else:
                result.changed.append(employer)
        _write(result.changed, kind, note, by)
    return result


def _checked(ticked: Mapping[int, int], kind: Mark | None, note: str) -> str:
    """The note; none where a mark is taken back."""
    note = " ".join(note.split())
    if not ticked:
        raise Refused("请先勾选单位。")
    if len(ticked) > MAX_AT_ONCE:
        raise Refused(f"一次最多标记 {MAX_AT_ONCE} 家单位，请减少勾选后再试。")
    if kind is None:
        return ""
    if len(note) > MAX_NOTE:
        raise Refused(f"说明有 {len(note)} 个字，请缩短到 {MAX_NOTE} 个字以内。", field="note")
    if kind == Mark.UNFIT and not note:
        raise Refused("标记“不具备条件”要写明原因，例如“职工都是劳务派遣”。请填写说明。", field="note")
    return note


def _is(old: EmployerMark | None, kind: Mark | None, note: str) -> bool:
    return kind is None if old is None else (old.kind, old.note) == (kind, note)


def _since(old: EmployerMark | None) -> str:
    """Why a page is out of date."""
    if old is None:
        return "标记刚被取消，请看过后再标记"
    return f"{old.by} 刚标为“{old.get_kind_display()}”，请看过后再改"


def _write(employers: list[RegisteredEmployer], kind: Mark | None, note: str, by: User) -> None:
    if not employers:
        return
    if kind is None:
        EmployerMark.objects.filter(employer__in=employers).delete()
    else:
        now = timezone.now()
        rows = [EmployerMark(employer=one, kind=kind, note=note, by=by, marked_at=now) for one in employers]
        EmployerMark.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["employer"],
            update_fields=["kind", "note", "by", "marked_at"],
        )
    about = employers[0] if len(employers) == 1 else None
    said = {"count": len(employers), "employers": [one.name for one in employers]}
    if kind is None:
        record("employer.unmarked", about, by=by, union=by.union, **said)
    else:
        record("employer.marked", about, by=by, union=by.union, mark=kind, note=note, **said)


def export_unorganised(filters: UnorganisedFilter, path: Path, *, by: User) -> int:
    """Writes the listed employers to a workbook; returns how many, which is recorded. Longer lists leave by `exports`.

    Raises Refused: ``by`` may not, a filter is wrong, none, or more than AT_ONCE.
    """
    require_right(by)
    count = counted(filters)
    if count > AT_ONCE:
        raise Refused(f"超过 {AT_ONCE:,} 家单位的名单由系统在后台生成，请重新点“导出”。")
    rows = filters.employers
    with transaction.atomic():
        excel.export(path, HEADINGS, lines(rows), title="未建会名单")
        record_exported(None, by=by, count=count)
    return count
