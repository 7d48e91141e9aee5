"""The result of an act on several transfers."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from gonghui.transfers.models import Transfer

_NAMED = 5


@dataclass
class BulkResult:
    """The completed transfers, and the names of the skipped ones by reason (sentences without full stop)."""

    done: list[Transfer] = field(default_factory=list)
    passed_over: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    gone: int = 0

    def pass_over(self, transfer: Transfer, reason: str) -> None:
        self.passed_over[reason].append(transfer.member.name)

    def remarks(self) -> Iterator[str]:
        """Yields a sentence for each reason why transfers were skipped."""
        for reason, names in self.passed_over.items():
            named = "、".join(names[:_NAMED]) + (" 等" if len(names) > _NAMED else "")
            yield f"{named}（{len(names)} 人）没有办理：{reason}。"
        if self.gone:
            yield f"{self.gone} 项没有办理：已不在列表中，请刷新页面查看。"
