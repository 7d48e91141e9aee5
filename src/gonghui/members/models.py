"""The member register: every person ever registered, in a union now or not, and the history of their memberships."""

from collections.abc import Mapping
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.audit.models import history
from gonghui.imports.models import Batch
from gonghui.kit.sealing import SealedRow, opened
from gonghui.kit.states import state_triggers
from gonghui.members import codes, one_person, standings
from gonghui.members.one_person import Alias, Duplicate
from gonghui.members.standings import RetainedFor, StandingState
from gonghui.members.states import (
    CODE_IMPORT_TRANSITIONS,
    CORRECTION_TRANSITIONS,
    STATUS_TRANSITIONS,
    CodeImportState,
    CorrectionState,
    Status,
)
from gonghui.reviews.models import Review
from gonghui.unions.keys import Grams, Initials, key_of_name
from gonghui.unions.levels import LEVEL, UnionKind
from gonghui.unions.models import Union

__all__ = ["Alias", "CodeImport", "Correction", "Duplicate", "Lookups", "Member", "MemberQuerySet", "Membership",
           "NumberRange", "StagedMember"]  # fmt: skip


class MemberQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "MemberQuerySet":
        """Returns the members of the user's union and of all unions below it (SPEC 1.4, 3.1)."""
        union = user.union
        if union is None:
            return self.none()
        if union.kind == UnionKind.CITY:
            return self.filter(union__isnull=False)
        level = LEVEL[UnionKind(union.kind)]
        if level == 4:
            return self.filter(union=union)
        return self.filter(**{f"union__level{level}": union})


@history()
class Member(SealedRow):
    """A person in the register. Number, mobile and address are sealed; ``document_hash`` identifies the person."""

    number = models.TextField("会员编号", unique=True)
    union = models.ForeignKey(
        Union, verbose_name="工会", null=True, on_delete=models.PROTECT, related_name="members", db_index=False
    )
    name = models.TextField("姓名")
    name_key = models.TextField(null=True, editable=False)  # null if it is the same as the name
    pinyin = models.TextField(default="", editable=False)
    document_type = models.TextField(
        "有效证件类型", choices=codes.DocumentType.choices, default=codes.DocumentType.RESIDENT_ID
    )
    document_sealed = models.BinaryField()
    document_hash = models.BinaryField(max_length=32)
    sex = models.TextField("性别", choices=codes.Sex.choices)
    born_on = models.DateField("出生日期", null=True)
    expires_on = models.DateField("证件有效期至", null=True)  # empty: without end, or unknown
    address_sealed = models.BinaryField(null=True)
    mobile_sealed = models.BinaryField(null=True)
    position = models.TextField("工会职务", choices=codes.UnionPosition.choices, default=codes.UnionPosition.MEMBER)
    education = models.TextField("学历", choices=codes.Education.choices, blank=True, default="")
    household = models.TextField("户籍类型", choices=codes.Household.choices, blank=True, default="")
    skill_level = models.TextField("技术等级", choices=codes.SkillLevel.choices, blank=True, default="")
    # The columns of the national form: the city decides which of them are collected (`collected.py`).
    ethnicity_sealed = models.BinaryField(null=True)
    native_place_sealed = models.BinaryField(null=True)
    household_place_sealed = models.BinaryField(null=True)
    political_status_sealed = models.BinaryField(null=True)
    nationality = models.TextField("国籍", blank=True, default="", db_default="")
    employment = models.TextField("就业状况", choices=codes.Employment.choices, blank=True, default="", db_default="")
    workplace = models.TextField("工作单位", blank=True, default="", db_default="")
    staff_number = models.TextField("工号", blank=True, default="", db_default="")
    migrant_worker = models.TextField("是否农民工", choices=codes.YesNo.choices, blank=True, default="", db_default="")
    new_employment = models.TextField(
        "新就业形态群体", choices=codes.NewEmployment.choices, blank=True, default="", db_default=""
    )
    joined_on = models.DateField("入会日期", null=True)
    honour_level = models.TextField(
        "劳模荣誉", choices=codes.HonourLevel.choices, blank=True, default="", db_default=""
    )
    honour_year = models.TextField("荣誉年份", blank=True, default="", db_default="")
    unit_code = models.TextField("组织机构代码", blank=True, default="")  # of the employer that the person is bound to
    has_card = models.BooleanField("已办会员卡", default=False)
    status = models.TextField("用户状态", choices=Status.choices, default=Status.NORMAL)
    correction = models.TextField(
        "信息修改状态", choices=CorrectionState.choices, blank=True, default="", db_default=""
    )
    standing = models.TextField("会籍", choices=StandingState.choices, default="normal", db_default="normal")
    retained_for = models.TextField("保留原因", choices=RetainedFor.choices, blank=True, default="", db_default="")
    standing_on = models.DateField("会籍变动日期", null=True)  # empty: as it was on joining
    batch = models.ForeignKey(Batch, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    created_at = models.DateTimeField("登记时间", db_default=Now())

    objects = MemberQuerySet.as_manager()
    events: Any  # the manager of the earlier versions, from @history

    class Meta:
        constraints = [
            models.UniqueConstraint("document_hash", name="member_document_once"),
            models.CheckConstraint(
                condition=Q(status=Status.NORMAL, union__isnull=False) | Q(status=Status.UNATTACHED, union=None),
                name="member_status_follows_union",
            ),
            models.CheckConstraint(condition=Q(number__regex=r"^[0-9]{10}$"), name="member_number_ten_digits"),
            models.CheckConstraint(
                condition=Q(document_type__in=codes.DocumentType.values), name="member_document_type_known"
            ),
            models.CheckConstraint(condition=Q(sex__in=codes.Sex.values), name="member_sex_known"),
            models.CheckConstraint(
                condition=Q(correction__in=["", *CorrectionState.values]), name="member_correction_known"
            ),
            models.UniqueConstraint(
                "union", "staff_number", condition=~Q(staff_number=""), name="member_staff_number_once"
            ),
            models.CheckConstraint(
                condition=Q(union__isnull=False) | Q(staff_number=""), name="member_staff_number_of_union"
            ),
            *standings.CONSTRAINTS,
        ]
        indexes = [
            models.Index(fields=["union", "id"], name="member_union"),
            models.Index(fields=["union", "pinyin", "id"], name="member_by_name"),
            models.Index(fields=["union", "id"], condition=Q(has_card=False), name="member_without_card"),
            models.Index(fields=["union", "id"], condition=Q(sex=codes.Sex.UNKNOWN), name="member_of_unknown_sex"),
            GinIndex(Grams(key_of_name()), name="member_name_grams"),
            models.Index(OpClass(Initials("pinyin"), "text_pattern_ops"), "union", name="member_initials"),
            models.Index(
                fields=["union", "id"],
                condition=Q(correction=CorrectionState.RETURNED),
                name="member_correction_returned",
            ),
            models.Index(
                fields=["unit_code", "id"], condition=Q(union=None) & ~Q(unit_code=""), name="member_bound_to_code"
            ),
            standings.INDEX,
        ]
        triggers = [
            *state_triggers("status", STATUS_TRANSITIONS),
            *state_triggers("correction", CORRECTION_TRANSITIONS),
            *state_triggers("standing", standings.STANDING_TRANSITIONS),
            one_person.ALIAS_STAYS_OUT,
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.number}）"

    def save_columns(self, columns: Mapping[str, Any]) -> None:
        """Assigns these columns and saves only them."""
        for column, value in columns.items():
            setattr(self, column, value)
        self.save(update_fields=columns)

    @property
    def document_number(self) -> str:
        """The full number: only for a recorded disclosure, an export or a check."""
        return opened(self, "document_sealed")

    @property
    def mobile(self) -> str:
        return opened(self, "mobile_sealed")

    @property
    def address(self) -> str:
        return opened(self, "address_sealed")

    @property
    def ethnicity(self) -> str:
        return opened(self, "ethnicity_sealed")

    @property
    def native_place(self) -> str:
        return opened(self, "native_place_sealed")

    @property
    def household_place(self) -> str:
        return opened(self, "household_place_sealed")

    @property
    def political_status(self) -> str:
        return opened(self, "political_status_sealed")


class Membership(models.Model):
    """A member's time in a union, or (``union`` empty) only in the register; ``ended_on`` is empty for the open one.

    A member's memberships are a chain without gaps or overlaps, enforced by the database: one is the first, each later
    one has exactly one predecessor of the same member, and begins on the day on which that one ended (a foreign key
    over three columns, in the migrations). So at most one is open. Rows are closed, never deleted; `memberships.py`
    writes them.

    ``began_act`` and ``ended_act`` are the act that moved the member, so that it can be undone for members who have
    not moved since.
    """

    class Reason(models.TextChoices):
        ADDED = "added", "新增"
        IMPORTED = "imported", "模板导入"
        REGISTERED = "registered", "载入会员库"
        BY_CODE = "by_code", "组织机构代码导入"
        MERGED = "merged", "工会合并"
        DISSOLVED = "dissolved", "工会撤销"
        RESTORED = "restored", "工会恢复"
        TRANSFERRED = "transferred", "会员转移"
        RESIGNED = "resigned", "离职"
        RETIRED = "retired", "退休"
        DIED = "died", "去世"
        LEFT = "left", "其他原因转出"
        UNDONE = "undone", "撤销转出"
        WITHDRAWN = "withdrawn", "退会"
        EXPELLED = "expelled", "除名"

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="memberships", db_index=False)
    previous = models.ForeignKey(  # the predecessor; its constraint is the key over three columns
        "self", null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    union = models.ForeignKey(Union, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    began_on = models.DateField("加入日期", default=localdate)  # in the site's time zone, not UTC
    ended_on = models.DateField("离开日期", null=True)
    began_by = models.TextField("加入方式", choices=Reason.choices)
    ended_by = models.TextField("离开方式", choices=Reason.choices, null=True)
    began_act = models.UUIDField(null=True)
    ended_act = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("member", condition=Q(previous=None), name="membership_begins_once"),
            models.UniqueConstraint("previous", condition=Q(previous__isnull=False), name="membership_succeeded_once"),
            models.UniqueConstraint(
                fields=["id", "member", "ended_on"], name="membership_end"
            ),  # the successor's foreign key refers to it
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("began_on")), name="membership_ends_after_it_began"
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None, ended_by=None, ended_act=None)
                | Q(ended_on__isnull=False, ended_by__isnull=False),
                name="membership_ended_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["member", "id"], name="membership_member"),
            models.Index(fields=["ended_act", "id"], condition=Q(ended_act__isnull=False), name="membership_ended_act"),
            models.Index("union", "ended_on", condition=Q(ended_on__isnull=False), name="membership_ended_union"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id}, {self.union_id}: {self.began_on}"


class Correction(SealedRow):
    """The content of a review of kind ``correction``: a member's name, document or birth date, old and new, sealed.

    The member's column ``correction`` stores the state of the newest one, so that the list needs no query for it.
    """

    review = models.OneToOneField(Review, on_delete=models.PROTECT, related_name="correction")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="corrections")
    base_sealed = models.BinaryField()
    proposed_sealed = models.BinaryField()

    def __str__(self) -> str:
        return str(self.member)


class CodeImport(models.Model):
    """One 「组织机构代码导入会员」: the requested people, the progress, and (for another employer's code) the review."""

    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+", db_index=False)
    code = models.TextField("组织机构代码")
    state = models.TextField("导入状态", choices=CodeImportState.choices)
    chosen = ArrayField(models.BigIntegerField())  # members' ids, in the order of the import
    total = models.PositiveIntegerField("人数")
    looked_at = models.PositiveIntegerField(default=0)  # the number of people in ``chosen`` processed so far
    done = models.PositiveIntegerField("已导入", default=0)
    act = models.UUIDField()
    review = models.OneToOneField(Review, null=True, on_delete=models.PROTECT, related_name="code_import")
    message = models.TextField("说明", blank=True, default="")
    by = models.ForeignKey(User, verbose_name="操作人", on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField("导入时间", db_default=Now())
    ended_at = models.DateTimeField("完成时间", null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=CodeImportState.values), name="code_import_state_known"),
            models.UniqueConstraint(
                "union", condition=Q(state__in=["pending", "running"]), name="code_import_one_per_union"
            ),
        ]
        indexes = [models.Index(fields=["union", "-id"], name="code_import_union")]
        triggers = state_triggers("state", CODE_IMPORT_TRANSITIONS)

    def __str__(self) -> str:
        return self.code

    @property
    def is_running(self) -> bool:
        return self.state == CodeImportState.RUNNING


class Lookups(models.Model):
    """A union's limited lookups of people outside it on one day; see `lookups.py`.

    ``asked`` contains keyed hashes: a repeated lookup is not counted again.
    """

    class Kind(models.TextChoices):
        PERSON = "person", "姓名与证件号码不相符"
        CODE = "code", "其他单位的组织机构代码"

    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.TextField(choices=Kind.choices)
    day = models.DateField(default=localdate)
    used = models.PositiveIntegerField(default=0)
    asked = ArrayField(models.BinaryField(), default=list)

    class Meta:
        constraints = [models.UniqueConstraint("union", "kind", "day", name="member_lookups_once_a_day")]

    def __str__(self) -> str:
        return f"{self.union_id} {self.day} {self.kind}: {self.used}"


class NumberRange(models.Model):
    """The next free running number of a level-2 superior (SPEC 3.2). No number is used twice."""

    level2 = models.OneToOneField(Union, on_delete=models.PROTECT, primary_key=True, related_name="+")
    next = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(next__range=(1, 10_000_000)), name="number_range_of_seven_digits"),
        ]

    def __str__(self) -> str:
        return f"{self.level2_id}: {self.next}"


class StagedMember(SealedRow):
    """A row of a workbook during the import: written in chunks, moved into the register by one statement, then deleted.

    The table is unlogged (a database crash empties it): a job that starts again stages its rows again. ``run``
    distinguishes two runs of one job, when the first was assumed dead too early.
    """

    sealed_as = "members_member"

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    run = models.UUIDField()
    member = models.ForeignKey(  # the returning person; null for a new one
        Member, null=True, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    number = models.TextField(null=True)
    name = models.TextField()
    name_key = models.TextField(null=True)
    pinyin = models.TextField()
    document_type = models.TextField()
    document_sealed = models.BinaryField()
    document_hash = models.BinaryField()
    sex = models.TextField()
    born_on = models.DateField()
    expires_on = models.DateField(null=True)
    address_sealed = models.BinaryField(null=True)
    mobile_sealed = models.BinaryField()
    position = models.TextField()
    education = models.TextField()
    household = models.TextField()
    skill_level = models.TextField()
    # Of these a run stages only what is collected.
    ethnicity_sealed = models.BinaryField(null=True)
    native_place_sealed = models.BinaryField(null=True)
    household_place_sealed = models.BinaryField(null=True)
    political_status_sealed = models.BinaryField(null=True)
    nationality = models.TextField(null=True)
    employment = models.TextField(null=True)
    workplace = models.TextField(null=True)
    staff_number = models.TextField(null=True)
    migrant_worker = models.TextField(null=True)
    new_employment = models.TextField(null=True)
    joined_on = models.DateField(null=True)
    honour_level = models.TextField(null=True)
    honour_year = models.TextField(null=True)
