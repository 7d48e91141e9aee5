"""The states of programmes, sessions, places and offers, each with its table of transitions."""

from django.db import models

from gonghui.kit.states import Transitions


class ProgrammeState(models.TextChoices):
    """What somebody has decided. Whether one can book now is `Phase`."""

    DRAFT = "draft", "草稿"
    PUBLISHED = "published", "已发布"
    CANCELLED = "cancelled", "已取消"


PROGRAMME_TRANSITIONS = Transitions(
    initial=[ProgrammeState.DRAFT],
    following={
        ProgrammeState.DRAFT: [ProgrammeState.PUBLISHED],
        ProgrammeState.PUBLISHED: [ProgrammeState.CANCELLED],
        ProgrammeState.CANCELLED: [],
    },
)


class Phase(models.TextChoices):
    """Where a programme is now, computed from its state and its times, so that no job can be late with it."""

    DRAFT = "draft", "草稿"
    PLANNED = "planned", "待发布"
    PUBLISHED = "published", "已发布"
    OPEN = "open", "报名中"
    DRAWING = "drawing", "待抽签"
    CLOSED = "closed", "报名截止"
    RUNNING = "running", "已开始"
    ENDED = "over", "已结束"
    CANCELLED = "cancelled", "已取消"


class SessionState(models.TextChoices):
    ON = "on", "正常"
    CANCELLED = "cancelled", "已取消"


SESSION_TRANSITIONS = Transitions(
    initial=[SessionState.ON],
    following={SessionState.ON: [SessionState.CANCELLED], SessionState.CANCELLED: []},
)


class PlaceState(models.TextChoices):
    """The state of one person's place. Those of HOLDING count in ``taken``."""

    APPLIED = "applied", "已报名，待抽签"
    WAITING = "waiting", "候补中"
    OFFERED = "offered", "有名额，待确认"
    BOOKED = "booked", "已约"
    ATTENDED = "attended", "已参加"
    ABSENT = "absent", "未到"
    ENDED = "ended", "已取消"


PLACE_TRANSITIONS = Transitions(
    initial=[PlaceState.APPLIED, PlaceState.WAITING, PlaceState.BOOKED],
    following={
        PlaceState.APPLIED: [PlaceState.WAITING, PlaceState.BOOKED, PlaceState.ENDED],
        PlaceState.WAITING: [PlaceState.OFFERED, PlaceState.ENDED],
        PlaceState.OFFERED: [PlaceState.BOOKED, PlaceState.ENDED],
        PlaceState.BOOKED: [PlaceState.ATTENDED, PlaceState.ABSENT, PlaceState.ENDED],
        PlaceState.ATTENDED: [PlaceState.ABSENT],
        PlaceState.ABSENT: [PlaceState.ATTENDED],
        PlaceState.ENDED: [],
    },
)

HOLDING = (PlaceState.OFFERED, PlaceState.BOOKED, PlaceState.ATTENDED, PlaceState.ABSENT)
"""Those that take a place of the session."""

ACTIVE = (PlaceState.APPLIED, PlaceState.WAITING, *HOLDING)
"""Those in which a person is in the programme: nobody is in it twice, nor in two sessions at one time."""


class EndReason(models.TextChoices):
    """Why a place has ended."""

    WITHDRAWN = "withdrawn", "退出"
    SUBSTITUTED = "substituted", "由他人顶替"
    DECLINED = "declined", "放弃候补名额"
    EXPIRED = "expired", "逾期未确认"
    DEADLINE = "deadline", "截止时未候补到"
    NOT_DRAWN = "not_drawn", "未中签"
    MOVED = "moved", "已转到其他工会"
    LEFT = "left", "已离开工会"
    DIED = "died", "去世"
    SESSION_CANCELLED = "session_cancelled", "班次取消"
    CANCELLED = "cancelled", "项目取消"


class OfferState(models.TextChoices):
    OPEN = "waiting", "待确认"
    ACCEPTED = "accepted", "已确认"
    DECLINED = "declined", "已放弃"
    EXPIRED = "expired", "逾期未确认"
    VOID = "void", "已失效"


OFFER_TRANSITIONS = Transitions(
    initial=[OfferState.OPEN],
    following={
        OfferState.OPEN: [OfferState.ACCEPTED, OfferState.DECLINED, OfferState.EXPIRED, OfferState.VOID],
        OfferState.ACCEPTED: [],
        OfferState.DECLINED: [],
        OfferState.EXPIRED: [],
        OfferState.VOID: [],  # nobody is left in it: all have withdrawn, moved or died, or the session is cancelled
    },
)


class SelfCheckState(models.TextChoices):
    """Of a check at another hospital (外院自检)."""

    SUBMITTED = "submitted", "待审核"
    ACCEPTED = "accepted", "已通过"
    REFUSED = "refused", "未通过"
    WITHDRAWN = "withdrawn", "已撤回"


SELF_CHECK_TRANSITIONS = Transitions(
    initial=[SelfCheckState.SUBMITTED],
    following={
        SelfCheckState.SUBMITTED: [SelfCheckState.ACCEPTED, SelfCheckState.REFUSED, SelfCheckState.WITHDRAWN],
        SelfCheckState.ACCEPTED: [],
        SelfCheckState.REFUSED: [],
        SelfCheckState.WITHDRAWN: [],
    },
)

STANDING = (SelfCheckState.SUBMITTED, SelfCheckState.ACCEPTED)
"""Those by which a person is in the programme, and by which the invoice is used."""


class ContestState(models.TextChoices):
    """Of an objection to 「未到」."""

    SUBMITTED = "submitted", "待处理"
    UPHELD = "upheld", "已更正"
    REFUSED = "refused", "维持原记录"


CONTEST_TRANSITIONS = Transitions(
    initial=[ContestState.SUBMITTED],
    following={
        ContestState.SUBMITTED: [ContestState.UPHELD, ContestState.REFUSED],
        ContestState.UPHELD: [],
        ContestState.REFUSED: [],
    },
)
