"""Several requests decided at once, each by the one action; and what became of them, in a few sentences (SPEC 5.1)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gonghui.accounts.models import User
from gonghui.kit.errors import Refused
from gonghui.reviews.actions import decide
from gonghui.reviews.kinds import is_clean, prepare, subject
from gonghui.reviews.models import Step
from gonghui.reviews.queries import awaited

MAX_AT_ONCE = 100
DOUBTFUL = "自动核查有需要注意的地方，请单独打开审核。"
GONE = "已不在待办中，可能有人审核过，或申请单位已撤回。"
_NAMED, _REASONS = 5, 5


@dataclass
class BulkResult:
    """How many were decided, and the titles of those passed over, by reason."""

    decision: str
    done: int = 0
    gone: int = 0
    passed_over: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @property
    def success(self) -> str:
        """What was done, as a sentence; empty for nothing."""
        words = "审核通过" if self.decision == Step.Decision.APPROVED else "退回"
        return f"已{words} {self.done} 项申请。" if self.done else ""

    def remarks(self) -> Iterator[str]:
        """What was not done and why: a sentence for each reason, however many there were."""
        reasons = list(self.passed_over.items())
        for reason, titles in reasons[:_REASONS]:
            named = "、".join(f"「{title}」" for title in titles[:_NAMED]) + ("等" if len(titles) > _NAMED else "")
            yield f"{named} {len(titles)} 项没有处理：{reason}"
        if left := sum(len(titles) for _, titles in reasons[_REASONS:]):
            yield f"另有 {left} 项没有处理，请逐项打开查看原因。"
        if self.gone:
            yield f"{self.gone} 项没有处理：{GONE}"


def decide_several(ids: Sequence[int], *, decision: str, opinion: str, by: User) -> BulkResult:
    """Decide the steps with these ids, each in a transaction of its own; approval passes over what a check doubts.

    Raises Refused for none and for more than MAX_AT_ONCE.
    """
    if not ids:
        raise Refused("请先勾选要审核的申请。")
    if len(ids) > MAX_AT_ONCE:
        raise Refused(f"一次最多处理 {MAX_AT_ONCE} 项申请，请减少勾选后再试。")
    steps = list(awaited(by).filter(pk__in=ids).select_related("review__union").order_by("pk"))
    outcome = BulkResult(decision, gone=len(set(ids)) - len(steps))
    approves = decision == Step.Decision.APPROVED
    prepared = prepare([step.review for step in steps]) if approves else {}
    for step in steps:
        if approves and not is_clean(step.review, prepared):
            outcome.passed_over[DOUBTFUL].append(subject(step.review))
            continue
        try:
            decide(step.review, decision=decision, opinion=opinion, by=by, part=step.part)
            outcome.done += 1
        except Refused as refusal:
            outcome.passed_over[refusal.sentence].append(subject(step.review))
    return outcome
