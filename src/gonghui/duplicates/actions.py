"""The writes: a pair judged, merged at once or after another union's consent, and parted again (SPEC 5.6)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.duplicates import choosing
from gonghui.duplicates.choosing import record_of
from gonghui.duplicates.finding import look_at
from gonghui.duplicates.models import UNDO_DAYS, Merge, Pair, Record
from gonghui.duplicates.queries import CONSENT, version_of
from gonghui.duplicates.rules import can_answer, can_judge
from gonghui.duplicates.states import OPEN, MergeState, PairState
from gonghui.kit.errors import Refused
from gonghui.members.collected import collected
from gonghui.members.fields import LABELS
from gonghui.members.hooks import RECORDS
from gonghui.members.merging import Merged, has_moved, merge_members, part_members
from gonghui.members.models import Alias, Member
from gonghui.members.retention.guards import under_way
from gonghui.members.standings import StandingState
from gonghui.notices.actions import notify, notify_officers, settle
from gonghui.policies.queries import of_union
from gonghui.unions.models import Union

verbs.register(
    duplicate__dismissed="判定不是同一人",
    duplicate__reopened="重新核对重复会员",
    duplicate__merged="合并重复会员",
    duplicate__parted="撤销合并重复会员",
    duplicate__asked="请工会同意合并重复会员",
    duplicate__withdrawn="撤回合并重复会员的请求",
    duplicate__agreed="同意合并重复会员",
    duplicate__refused="不同意合并重复会员",
    duplicate__looked_at="查看疑似重复会员",
)
verbs.looks(duplicate__looked_at=verbs.EACH)
verbs.facts(
    "duplicate",
    kept=("保留的会籍", Record),
    values=("采用的资料", Record),
    from_main=("采用较早的记录", LABELS),
    from_other=("采用较晚的记录", LABELS),
    alias="曾用会员编号",
)

MAX_NOTE = 200
MAY_NOT = "只有能同时管理这两名会员的工会的经办人、审核人或管理员可以核对。请联系本工会的管理员。"
STALE = "您打开页面之后，这两条记录已有变化，所以没有办理。请核对现在的资料后再办理。"
MAY_NOT_ANSWER = "只有被请求的工会的经办人可以答复。"


class Wish(NamedTuple):
    """How two records shall become one: in which record's union the person stays, and whose values are right.

    ``chosen`` says so by choice (`choosing.choices`); what it does not name is of ``values``.
    """

    kept: Record
    values: Record
    note: str = ""
    chosen: Mapping[str, Record] = {}


def dismiss(pair: Pair, *, note: str, version: str, by: User) -> Pair:
    """「不是同一人」: the pair does not come back. Raises Refused: ``by`` may not, it is judged already, or has changed."""
    note = sound(note)
    with transaction.atomic():
        pair = _lock(pair, by)
        _require_open(pair)
        _require_current(pair, version)
        judge(pair, PairState.DIFFERENT, note, by)
        record_pair("duplicate.dismissed", pair, by)
    return pair


def reopen(pair: Pair, *, by: User) -> Pair:
    """「重新核对」 of a pair that was judged not to be one person."""
    with transaction.atomic():
        pair = _lock(pair, by)
        if pair.state != PairState.DIFFERENT:
            raise Refused(f"这一对记录现在是“{pair.get_state_display()}”，不需要重新核对。请刷新页面查看。")
        judge(pair, PairState.PENDING, "", None)
        record_pair("duplicate.reopened", pair, by)
    return pair


def merge(pair: Pair, wish: Wish, *, version: str, by: User) -> Merge:
    """Merges a pair; where another union has to release the person, asks it, and merges when it agrees.

    Raises Refused: ``by`` may not, the pair is judged already or has changed since ``version``, something is under way
    with one of the two, or both have what one person may have once.
    """
    note = sound(wish.note)
    with transaction.atomic():
        pair = _lock(pair, by)
        _require_open(pair)
        _require_current(pair, version)
        kept = _kept(pair, wish.kept)
        releasing = _releasing(pair, kept)
        merge = Merge(
            pair=pair,
            kept=kept,
            values=wish.values,
            chosen=dict(wish.chosen),
            releasing=releasing,
            note=note,
            asked_by=by,
        )
        _require_mergeable(pair, merge)
        if releasing is None or releasing.pk == by.union_id:
            _carry_out(merge, by, "duplicate.merged")
        else:
            merge.state = MergeState.WAITING
            merge.due_on = localdate() + timedelta(days=of_union("merge_days", releasing))
            merge.save()
            judge(pair, PairState.WAITING, note, by)
            record_pair("duplicate.asked", pair, by, kept=kept, **choosing.by_record(merge.chosen))
            notify_officers(
                [releasing.pk],
                "请确认一名会员的重复资料是否合并",
                body=f"{pair.member.name}的资料在两家工会重复登记，合并后会籍留在{record_of(pair, kept).union}。"
                f"请在 {merge.due_on:%Y-%m-%d} 以前答复，逾期由上级工会决定。",
                url=reverse("duplicates:consent", args=[merge.pk]),
                tasks=[task_of(merge)],
                kind=CONSENT,
            )
    return merge


def answer(merge: Merge, *, agree: bool, opinion: str, by: User) -> Merge:
    """The releasing union agrees, and the records are merged; or it refuses with a reason.

    Raises Refused: ``by`` may not, it is answered or withdrawn already, or overdue, a refusal has no reason, or the
    records cannot be merged any more.
    """
    with transaction.atomic():
        pair, merge = lock_merge(merge)
        require(can_answer, by, merge, sentence=MAY_NOT_ANSWER)
        if merge.state == MergeState.OVERDUE:
            raise Refused(f"答复期限（{merge.due_on:%Y-%m-%d}）已过，这次合并由上级工会决定，不能再答复。")
        require_state(merge, MergeState.WAITING)
        verb = "duplicate.agreed" if agree else "duplicate.refused"
        opinion = conclude(merge, agree=agree, opinion=opinion, by=by, verb=verb)
        notify(
            [merge.asked_by],
            "工会同意合并重复会员" if agree else "工会不同意合并重复会员",
            body=f"{by.union}：{opinion}" if opinion else str(by.union),
            url=reverse("duplicates:pair", args=[pair.pk]),
        )
    return merge


def conclude(merge: Merge, *, agree: bool, opinion: str, by: User, verb: str) -> str:
    """What follows from an answer, the union's or (`overdue`) its superior's; returns the opinion as it is kept."""
    opinion = sound(opinion, field="opinion")
    if not agree and not opinion:
        raise Refused("不同意时必须填写原因，对方会看到。", field="opinion")
    merge.answered_by, merge.answered_at, merge.opinion = by, timezone.now(), opinion
    settle([task_of(merge)])
    if agree:
        _require_mergeable(merge.pair, merge)
        _carry_out(merge, by, verb)
    else:
        merge.state = MergeState.REFUSED
        merge.save()
        judge(merge.pair, PairState.PENDING, "", None)
        record_pair(verb, merge.pair, by)
    return opinion


def withdraw(merge: Merge, *, by: User) -> Merge:
    """Takes back what another union was asked."""
    with transaction.atomic():
        pair, merge = lock_merge(merge)
        require(can_judge, by, pair, sentence=MAY_NOT)
        require_state(merge, *OPEN)
        _end(merge, MergeState.WITHDRAWN)
        record_pair("duplicate.withdrawn", pair, by)
    return merge


def undo(merge: Merge, *, by: User) -> Merge:
    """「撤销合并」 within UNDO_DAYS: both records are again what they were.

    Raises Refused: ``by`` may not, it is undone already or too late, the person has moved since or the main record was
    itself merged, or something is under way.
    """
    with transaction.atomic():
        pair, merge = lock_merge(merge)
        require(can_judge, by, pair, sentence=MAY_NOT)
        main, other = pair.member, pair.other
        if merge.state != MergeState.DONE:
            raise Refused(f"这次合并现在是“{merge.get_state_display()}”，不能撤销。请刷新页面查看。")
        if merge.undo_until is None or localdate() > merge.undo_until:
            raise Refused(f"合并已超过可以撤销的期限（{UNDO_DAYS} 天）。确实不是同一人的，请联系市总工会。")
        if not Alias.objects.filter(member=other, main=main).exists():
            raise Refused("这条记录此后又合并到另一条记录，请先撤销后来的合并。")
        later = Merge.objects.filter(pair__member=main, state=MergeState.DONE, pk__gt=merge.pk)
        if later.exists():
            raise Refused("此后又有一条记录合并到这名会员，请先撤销后来的合并。")
        merged = Merged(**merge.undo)
        if has_moved(main, merged):
            raise Refused(f"{main.name}合并以后已转到其他工会或已离开，不能撤销合并。请先撤销转出，再撤销合并。")
        _require_free([main])
        part_members(main, other, merged)
        merge.state, merge.undone_by, merge.undone_at = MergeState.UNDONE, by, timezone.now()
        merge.save()
        judge(pair, PairState.PENDING, "", None)
        look_at([main.pk, other.pk])
        record_pair("duplicate.parted", pair, by, alias=other.number)
        pair.member.refresh_from_db()
        pair.other.refresh_from_db()
        _tell(pair, merge, by, "重复会员的合并已撤销", f"会员编号 {main.number} 和 {other.number} 恢复为两条记录。")
    return merge


def lapse_of_moved(members: Sequence[int]) -> None:
    """Ends what waits for a consent, of members who are about to move (``members.hooks.on_membership_end``)."""
    rows = Merge.objects.filter(state__in=OPEN).select_related("pair").select_for_update(of=("self",))
    for merge in rows.filter(Q(pair__member__in=members) | Q(pair__other__in=members)):
        _end(merge, MergeState.LAPSED)
        notify([merge.asked_by], "合并重复会员的请求已失效", body="其中一名会员已转到其他工会或离开，请重新核对。",
               url=reverse("duplicates:pair", args=[merge.pair_id]))  # fmt: skip


def record_disclosure(pairs: Sequence[Pair], people: Sequence[int], *, by: User) -> None:
    """Records that ``by`` is shown, masked, people of these ids who are in none of the unions of his or her scope."""
    if people:
        about = pairs[0] if len(pairs) == 1 else None
        with transaction.atomic():
            record("duplicate.looked_at", about, by=by, union=by.union, people=people)


def _carry_out(merge: Merge, by: User, verb: str) -> None:
    pair = merge.pair
    main, other = pair.member, pair.other
    told = {member.union_id for member in (main, other)}
    merged = merge_members(
        main,
        other,
        kept=record_of(pair, merge.kept),
        values=record_of(pair, merge.values),
        chosen=choosing.by_field(pair, merge.chosen),
    )
    merge.state, merge.done_at, merge.undo = MergeState.DONE, timezone.now(), asdict(merged)
    merge.save()
    judge(pair, PairState.MERGED, merge.note, by)
    look_at([main.pk, other.pk])
    record_pair(verb, pair, by, kept=merge.kept, alias=other.number, **choosing.by_record(merge.chosen))
    _tell(pair, merge, by, "重复的会员资料已合并",
          f"{main.name}：会员编号 {main.number} 保留，{other.number} 作为曾用编号；会籍在{main.union or '会员库（无工会）'}。",
          unions=told)  # fmt: skip


def _tell(pair: Pair, merge: Merge, by: User, title: str, body: str, *, unions: set[int | None] | None = None) -> None:
    """Tells the officers of both unions, but not the one who did it."""
    told = unions or {pair.member.union_id, pair.other.union_id}
    officers = User.objects.officers().filter(union__in=[pk for pk in told if pk]).exclude(pk=by.pk).order_by("pk")
    notify(officers, title, body=f"{body}有疑问的，请在 {UNDO_DAYS} 天内联系{merge.asked_by.union}。")


def _lock(pair: Pair, by: User) -> Pair:
    """Returns the pair as it is now, with both members, all locked. Raises Refused when ``by`` may not judge it."""
    pair = _locked(pair.pk)
    require(can_judge, by, pair, sentence=MAY_NOT)
    return pair


def _locked(pk: int) -> Pair:
    """Unions by id, the pair, members by id: in the order of every move of members (`transfers.locks`)."""
    homes = Pair.objects.filter(pk=pk).values_list("member__union", "other__union")
    known = {id_ for row in homes for id_ in row if id_}
    rows = Union.objects.filter(pk__in=known).select_for_update(of=("self",), no_key=True)
    unions = {union.pk: union for union in rows.select_related("superior", "employer").order_by("pk")}
    pair = Pair.objects.select_for_update(of=("self",)).select_related("owner", "judged_by").get(pk=pk)
    locked = Member.objects.filter(pk__in=[pair.member_id, pair.other_id]).select_for_update().order_by("pk")
    pair.member, pair.other = locked
    for member in (pair.member, pair.other):
        if member.union_id and member.union_id not in unions:  # moved a moment ago
            raise Refused(STALE)
        member.union = unions[member.union_id] if member.union_id else None
    return pair


def lock_merge(merge: Merge) -> tuple[Pair, Merge]:
    pair = _locked(merge.pair_id)
    merge = (
        Merge.objects.select_for_update(of=("self",))
        .select_related("asked_by__union", "answered_by", "releasing")
        .get(pk=merge.pk)
    )
    merge.pair = pair
    return pair, merge


def _require_open(pair: Pair) -> None:
    if pair.state == PairState.PENDING:
        return
    judged = f"由 {pair.judged_by} " if pair.judged_by else ""
    raise Refused(f"这一对记录已{judged}办理（{pair.get_state_display()}），不能重复办理。请刷新页面查看。")


def require_state(merge: Merge, *states: MergeState) -> None:
    if merge.state not in states:
        answered = f"由 {merge.answered_by} " if merge.answered_by else ""
        raise Refused(f"这次合并已{answered}办结（{merge.get_state_display()}），不能再办理。请刷新页面查看。")


def _require_current(pair: Pair, version: str) -> None:
    if version != version_of(pair):
        raise Refused(STALE)


def _require_mergeable(pair: Pair, merge: Merge) -> None:
    """Raises Refused for what one person may not have twice, what is under way, or values that do not fit together."""
    if Alias.objects.filter(member__in=[pair.member_id, pair.other_id]).exists():
        raise Refused("其中一条记录已经合并到另一条记录，不能再合并。请刷新列表查看。")
    _require_free([pair.member, pair.other])
    standings = {member.standing for member in (pair.member, pair.other)}
    if standings == {StandingState.RESIGNED, StandingState.EXPELLED}:
        raise Refused("两条记录一条是退会、一条是除名，不能合并。请先由工会办理重新入会，再合并。")
    for records in RECORDS.values():
        if clash := records.clash(pair.member_id, pair.other_id):
            raise Refused(f"{clash}，再合并。")
    _choose(pair, merge)


def _choose(pair: Pair, merge: Merge) -> None:
    """Says for each field in which the records differ now whose value is kept. Raises Refused for what does not fit."""
    asked = collected()
    open_ = choosing.choices(pair, asked)
    kept, values = Record(merge.kept), Record(merge.values)
    merge.chosen = choosing.completed(pair, values, merge.chosen, open_)
    for name, sentence in choosing.problems(pair, kept, merge.chosen, open_, asked).items():
        raise Refused(sentence, field=name or None)


def _require_free(members: Sequence[Member]) -> None:
    held = under_way(members)
    for member in members:
        if member.pk in held:
            raise Refused(f"{member}{held[member.pk]}。")


def _kept(pair: Pair, wanted: Record) -> Record:
    """In whose union the person stays: where only one is in a union, it is that one's."""
    if pair.member.union_id is None and pair.other.union_id is not None:
        return Record.OTHER
    if pair.other.union_id is None and pair.member.union_id is not None:
        return Record.MAIN
    return wanted


def _releasing(pair: Pair, kept: Record) -> Union | None:
    """The union that the person leaves by the merge; None if there is none."""
    stays = record_of(pair, kept).union_id
    leaves = record_of(pair, Record.OTHER if kept == Record.MAIN else Record.MAIN).union
    return leaves if leaves and leaves.pk != stays else None


def judge(pair: Pair, state: PairState, note: str, by: User | None) -> None:
    pair.state, pair.note, pair.judged_by, pair.judged_at = state, note, by, timezone.now() if by else None
    pair.save(update_fields=["state", "note", "judged_by", "judged_at"])


def _end(merge: Merge, state: MergeState) -> None:
    merge.state = state
    merge.save(update_fields=["state"])
    judge(merge.pair, PairState.PENDING, "", None)
    settle([task_of(merge)])


def task_of(merge: Merge) -> str:
    return f"merge:{merge.pk}"


def record_pair(verb: str, pair: Pair, by: User | None, **data: str | list[str]) -> None:
    record(verb, pair, by=by, union=pair.member.union, people=[pair.member_id, pair.other_id], **data)


def sound(text: str, *, field: str = "note") -> str:
    text = text.strip()
    if len(text) > MAX_NOTE:
        raise Refused(f"说明不能超过 {MAX_NOTE} 个字。", field=field)
    return text
