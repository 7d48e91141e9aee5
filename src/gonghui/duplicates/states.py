"""The states of pairs and merges, each with its table of transitions."""

from django.db import models

from gonghui.kit.states import Transitions


class PairState(models.TextChoices):
    PENDING = "pending", "待核对"
    WAITING = "waiting", "待工会同意"
    DIFFERENT = "different", "不是同一人"
    MERGED = "merged", "已合并"
    LAPSED = "lapsed", "已不相同"


PAIR_TRANSITIONS = Transitions(
    initial=[PairState.PENDING],
    following={
        PairState.PENDING: [PairState.WAITING, PairState.DIFFERENT, PairState.MERGED, PairState.LAPSED],
        PairState.WAITING: [PairState.PENDING, PairState.MERGED],
        PairState.DIFFERENT: [PairState.PENDING],  # 「重新核对」
        PairState.MERGED: [PairState.PENDING],  # 「撤销合并」
        PairState.LAPSED: [PairState.PENDING],  # what made them alike is there again
    },
)


class MergeState(models.TextChoices):
    WAITING = "waiting", "待工会同意"
    OVERDUE = "overdue", "逾期未答复"
    DONE = "done", "已合并"
    REFUSED = "refused", "未同意"
    WITHDRAWN = "withdrawn", "已撤回"
    LAPSED = "lapsed", "已失效"
    UNDONE = "undone", "已撤销合并"


OPEN = (MergeState.WAITING, MergeState.OVERDUE)
"""Of a merge that somebody else has to agree to, or to decide."""

MERGE_TRANSITIONS = Transitions(
    initial=[MergeState.WAITING, MergeState.DONE],  # within one union nobody else is asked
    following={
        MergeState.WAITING: [
            MergeState.OVERDUE,  # the superior decides
            MergeState.DONE,
            MergeState.REFUSED,
            MergeState.WITHDRAWN,
            MergeState.LAPSED,
        ],
        MergeState.OVERDUE: [MergeState.DONE, MergeState.REFUSED, MergeState.WITHDRAWN, MergeState.LAPSED],
        MergeState.DONE: [MergeState.UNDONE],
        MergeState.REFUSED: [],
        MergeState.WITHDRAWN: [],
        MergeState.LAPSED: [],
        MergeState.UNDONE: [],
    },
)
