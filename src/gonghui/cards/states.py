"""The states of batches, applications, cards and orders, and groups of them (SPEC 4.4)."""

from django.db import models

from gonghui.kit.states import Transitions


class Purpose(models.TextChoices):
    NEW = "new", "新办"
    REPLACEMENT = "replacement", "补办"
    LOSS = "loss", "挂失"
    CANCELLATION = "cancellation", "注销"


MAKING = (Purpose.NEW, Purpose.REPLACEMENT)
"""Purposes that make a card; the others concern an existing one."""


class BatchState(models.TextChoices):
    PENDING = "pending", "待审核"
    RETURNED = "returned", "退回"
    WITHDRAWN = "withdrawn", "已撤回"
    APPROVED = "approved", "审核通过"
    MAKING = "making", "制卡中"
    FAILED = "failed", "制卡失败"
    MADE = "made", "已制卡"
    DONE = "done", "已办结"


BATCH_TRANSITIONS = Transitions(
    initial=[BatchState.PENDING],
    following={
        BatchState.PENDING: [BatchState.APPROVED, BatchState.RETURNED, BatchState.WITHDRAWN],
        BatchState.RETURNED: [],
        BatchState.WITHDRAWN: [],
        # GATHERED; or the other members are withdrawn, and the batch takes the state of the remaining ones.
        BatchState.APPROVED: [
            BatchState.RETURNED,
            BatchState.WITHDRAWN,
            BatchState.MAKING,
            BatchState.FAILED,
            BatchState.MADE,
            BatchState.DONE,
        ],
        BatchState.MAKING: [BatchState.APPROVED, BatchState.FAILED, BatchState.MADE, BatchState.DONE],
        BatchState.FAILED: [BatchState.MAKING, BatchState.MADE, BatchState.DONE],
        BatchState.MADE: [BatchState.DONE],
        BatchState.DONE: [BatchState.MADE],  # 撤销发放登记
    },
)
"""The transitions that follow from those of a batch's applications (`card_states.refresh_batch_states`)."""

ENDED_UNMADE = (BatchState.RETURNED, BatchState.WITHDRAWN)
ENDED = (BatchState.DONE, *ENDED_UNMADE)


class ApplicationState(models.TextChoices):
    """The state of one member in a batch."""

    PENDING = "pending", "待审核"
    REFUSED = "refused", "退回"
    WITHDRAWN = "withdrawn", "已撤回"
    APPROVED = "approved", "审核通过"
    MAKING = "making", "制卡中"
    FAILED = "failed", "制卡失败"
    MADE = "made", "已制卡"
    ISSUED = "issued", "已发放"
    DONE = "done", "已办结"
    CLOSED = "closed", "已终止"


APPLICATION_TRANSITIONS = Transitions(
    initial=[ApplicationState.PENDING],
    following={
        ApplicationState.PENDING: [ApplicationState.APPROVED, ApplicationState.REFUSED, ApplicationState.WITHDRAWN],
        ApplicationState.REFUSED: [],
        ApplicationState.WITHDRAWN: [],
        ApplicationState.APPROVED: [ApplicationState.MAKING, ApplicationState.WITHDRAWN],
        ApplicationState.MAKING: [
            ApplicationState.APPROVED,  # the order is cancelled
            ApplicationState.FAILED,
            ApplicationState.MADE,
            ApplicationState.DONE,  # a loss or a cancellation
        ],
        ApplicationState.FAILED: [ApplicationState.MAKING, ApplicationState.CLOSED],
        ApplicationState.MADE: [ApplicationState.ISSUED, ApplicationState.CLOSED],
        ApplicationState.ISSUED: [ApplicationState.MADE],  # 撤销发放登记
        ApplicationState.DONE: [],
        ApplicationState.CLOSED: [],
    },
)


OPEN = (ApplicationState.PENDING, ApplicationState.APPROVED, ApplicationState.MAKING, ApplicationState.FAILED)
"""Open applications: a member is in at most one."""

UNFINISHED = (*OPEN, ApplicationState.MADE)
"""Those and the made cards that nobody has handed out: all that is not over."""

PRINTING = (ApplicationState.PENDING, ApplicationState.APPROVED, ApplicationState.MAKING)
"""The card's data may not change; after a failure it may be corrected."""


class CardState(models.TextChoices):
    MADE = "made", "待发放"
    ISSUED = "issued", "已发放"
    LOST = "lost", "已挂失"
    REPLACED = "replaced", "已换卡"
    CANCELLED = "cancelled", "已注销"


CARD_TRANSITIONS = Transitions(
    initial=[CardState.MADE],
    following={
        CardState.MADE: [CardState.ISSUED, CardState.LOST, CardState.REPLACED, CardState.CANCELLED],
        CardState.ISSUED: [CardState.MADE, CardState.LOST, CardState.REPLACED, CardState.CANCELLED],
        CardState.LOST: [CardState.MADE, CardState.ISSUED, CardState.REPLACED, CardState.CANCELLED],
        CardState.REPLACED: [],
        CardState.CANCELLED: [],
    },
)

LIVE = (CardState.MADE, CardState.ISSUED, CardState.LOST)
"""A member has at most one such card; 已办会员卡 means that there is one."""


class OrderState(models.TextChoices):
    BUILDING = "building", "正在生成文件"
    READY = "ready", "待导出"
    EXPORTED = "exported", "等待结果"
    DONE = "done", "已完成"
    CANCELLED = "cancelled", "已取消"


ORDER_TRANSITIONS = Transitions(
    initial=[OrderState.BUILDING],
    following={
        OrderState.BUILDING: [OrderState.READY, OrderState.CANCELLED],
        OrderState.READY: [OrderState.EXPORTED, OrderState.CANCELLED],
        OrderState.EXPORTED: [OrderState.DONE],
        OrderState.DONE: [],
        OrderState.CANCELLED: [],
    },
)


class LineState(models.TextChoices):
    AWAITED = "awaited", "等待结果"
    DONE = "done", "成功"
    FAILED = "failed", "失败"
    LEFT_OUT = "left_out", "未导出"


LINE_TRANSITIONS = Transitions(
    initial=[LineState.AWAITED],
    following={
        LineState.AWAITED: [LineState.DONE, LineState.FAILED, LineState.LEFT_OUT],
        LineState.DONE: [],
        LineState.FAILED: [],
        LineState.LEFT_OUT: [],
    },
)


class ResultState(models.TextChoices):
    """The state of a received file; one that cannot be read is deleted."""

    READING = "reading", "正在读入"
    DONE = "done", "已读入"


RESULT_TRANSITIONS = Transitions(
    initial=[ResultState.READING],
    following={ResultState.READING: [ResultState.DONE], ResultState.DONE: []},
)


class Event(models.TextChoices):
    """The events that the month's figures count."""

    APPLIED = "applied", "申请办卡"
    MADE = "made", "制成"
    FAILED = "failed", "制卡失败"
    ISSUED = "issued", "发放"
    LOST = "lost", "挂失"
    CANCELLED = "cancelled", "注销"
