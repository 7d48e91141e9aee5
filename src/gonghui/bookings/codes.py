"""What a programme may be and ask; each is decided by code, none is a code list of the city."""

from django.db import models


class Kind(models.TextChoices):
    RECUPERATION = "recuperation", "疗休养"
    CHECKUP = "checkup", "体检"
    SCREENING = "screening", "筛查"


class FundSource(models.TextChoices):
    """Who pays."""

    CITY = "city", "市总工会"
    LEVEL2 = "level2", "区或产业局工会"
    UNION = "union", "本单位工会"
    EMPLOYER = "employer", "本单位行政"
    SELF = "self", "个人自费"


class Allocation(models.TextChoices):
    FIRST_COME = "first_come", "先到先得"
    DRAW = "draw", "先收集后抽签"


class Mode(models.TextChoices):
    """What becomes of a group that does not fit, chosen before."""

    ALL = "all", "全部报上才报名"
    AS_MANY = "as_many", "能报几人报几人"


class WhenMoving(models.TextChoices):
    """What becomes of the place of a member who moves to another union or leaves (SPEC 6.8)."""

    KEEP = "keep", "保留名额，仍由原工会负责"
    FOLLOW = "follow", "名额随本人转到新工会，离开工会的收回"
    RELEASE = "release", "收回名额"


class NoShow(models.TextChoices):
    """The consequence of 「未到」 (SPEC 6.8)."""

    NONE = "none", "只作记录"
    COUNTED = "counted", "视同已参加"
    BARRED = "barred", "若干年内不得再报名"


class LargeGroups(models.TextChoices):
    """What becomes of a free place that is too little for the group first in the line, which does not want to be split."""

    HELD = "held", "留着等凑够，不让后面的先上"
    PASSED = "passed", "凑不够时先给后面能上的"


class Category(models.TextChoices):
    """For whom a share of a session's places may be."""

    MODEL_WORKER = "model_worker", "劳模"
    FRONT_LINE = "front_line", "一线职工"
    MIGRANT_WORKER = "migrant_worker", "农民工"
    NEW_EMPLOYMENT = "new_employment", "新就业形态劳动者"
    NEVER_BEEN = "never_been", "从未参加过的会员"


class Stated(models.TextChoices):
    """What no column of the register holds: the officer states it in the booking, and it shows as stated."""

    FRONT_LINE = "front_line", "一线职工"
    BLOOD_DONOR = "blood_donor", "献血者"


class RuleKind(models.TextChoices):
    """A condition of a programme; `eligibility/kinds.py` has the parameters of each."""

    CARD = "card", "已办会员服务卡"
    MEMBER_MONTHS = "member_months", "在本工会满若干个月"
    LEVEL2S = "level2s", "所属区或产业局"
    AGE = "age", "年龄"
    SEX = "sex", "性别"
    MODEL_WORKER = "model_worker", "劳模"
    FRONT_LINE = "front_line", "一线职工"
    MIGRANT_WORKER = "migrant_worker", "农民工"
    NEW_EMPLOYMENT = "new_employment", "新就业形态劳动者"
    NEAR_RETIREMENT = "near_retirement", "临近退休且从未参加"
    NOT_WITHIN_YEARS = "not_within_years", "若干年内未参加"
    NOT_IN_CYCLE = "not_in_cycle", "本周期内未参加"


class Tier(models.TextChoices):
    """By what the bookings of a draw are put in order before lots decide (SPEC 6.5)."""

    NEVER_BEEN = "never_been", "从未参加过的优先"
    MODEL_WORKER = "model_worker", "劳模优先"
    YEARS_SINCE = "years_since", "满若干年未参加的优先"


class Relation(models.TextChoices):
    """Of a family guest to the member."""

    SPOUSE = "spouse", "配偶"
    CHILD = "child", "子女"
    PARENT = "parent", "父母"
    OTHER = "other", "其他亲属"
