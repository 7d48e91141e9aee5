"""The tree of unions, the employers behind the grassroots unions, and the statistical register."""

from collections.abc import Iterable
from typing import Any, Protocol

import pgtrigger
from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Now, Substr

from gonghui.audit.models import history
from gonghui.kit.sealing import SealedRow
from gonghui.kit.states import Transitions, state_triggers
from gonghui.unions import columns
from gonghui.unions.codes import COVERING, EconomicType, GrassrootsType, Industry
from gonghui.unions.findings import RegisterFinding
from gonghui.unions.keys import Grams, Initials, Subject, key_of_name, subject_code
from gonghui.unions.levels import LEVEL, UnionKind
from gonghui.unions.triggers import TREE

MAX_STAFF = 1_000_000
"""The head count of one employer is no higher."""


class UnionState(models.TextChoices):
    """The state of a union (SPEC 2.2, 2.5). A superior union is APPROVED, or DISSOLVED once it is closed (SPEC 5.4)."""

    UNFILED = "unfiled", "未填报"
    PENDING = "pending", "待审核"
    RETURNED = "returned", "退回修改"
    APPROVED = "approved", "审核通过"
    DISSOLVED = "dissolved", "已撤销"


TRANSITIONS = Transitions(
    initial=[UnionState.UNFILED, UnionState.APPROVED],  # the latter: superior unions
    following={
        UnionState.UNFILED: [UnionState.PENDING],
        # UNFILED: the first filing is withdrawn
        UnionState.PENDING: [UnionState.APPROVED, UnionState.RETURNED, UnionState.UNFILED],
        UnionState.RETURNED: [UnionState.PENDING],
        UnionState.APPROVED: [UnionState.DISSOLVED],
        UnionState.DISSOLVED: [UnionState.APPROVED],  # restored by the city
    },
)


class Person(Protocol):
    """The part of accounts.models.User (a layer above) that the tree uses."""

    @property
    def union(self) -> "Union | None": ...


_BOUND = Q(kind=UnionKind.GRASSROOTS, state=UnionState.APPROVED)
"""Those that have to keep days such as 换届: indexes by them hold no others."""


class UnionQuerySet(models.QuerySet):
    def visible_to(self, user: Person) -> "UnionQuerySet":
        """Returns the user's own union and all below it (SPEC 1.4)."""
        union = user.union
        if union is None:
            return self.none()
        if union.kind == UnionKind.CITY:
            return self
        below = {2: Q(level2=union), 3: Q(level3=union)}.get(union.level, Q())
        return self.filter(below | Q(pk=union.pk))

    def grassroots(self) -> "UnionQuerySet":
        return self.filter(kind=UnionKind.GRASSROOTS)

    def superiors(self) -> "UnionQuerySet":
        return self.exclude(kind=UnionKind.GRASSROOTS)

    def standing(self) -> "UnionQuerySet":
        """Those that are neither dissolved nor closed: only they may be chosen."""
        return self.exclude(state=UnionState.DISSOLVED)

    def below(self, node: "Union") -> "UnionQuerySet":
        """Those under a superior union of any level; of a grassroots union itself."""
        if node.is_grassroots:
            return self.filter(pk=node.pk)
        return self if node.level == 1 else self.filter(**{f"level{node.level}": node})


@history(exclude=["member_count", "retained_count"])
class Union(columns.OfUnion, SealedRow):
    """One node of the tree.

    ``level2`` and ``level3`` repeat the ancestors, so that "all below" is one indexed comparison at any level; a
    trigger sets them from ``superior``. A grassroots union has no superior until a filing is approved.
    """

    kind = models.TextField("类别", choices=UnionKind.choices)
    superior = models.ForeignKey(
        "self", verbose_name="上级工会", null=True, on_delete=models.PROTECT, related_name="inferiors"
    )
    level2 = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="+", editable=False, db_index=False
    )
    level3 = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="+", editable=False, db_index=False
    )
    name = models.TextField("工会名称")
    name_key = models.TextField(null=True, editable=False)  # null if it is the same as the name
    pinyin = models.TextField(default="", editable=False)
    area = models.TextField("区域或系统", blank=True, default="")  # the text of the selects: 杨浦区, 五角场镇, 机电
    code = models.TextField("代码", null=True, unique=True)
    number = models.TextField("工会编号", null=True, unique=True)
    state = models.TextField("状态", choices=UnionState.choices, default=UnionState.UNFILED)
    founded_on = models.DateField("建会日期", null=True)
    grassroots_type = models.TextField("基层工会类型", choices=GrassrootsType.choices, blank=True, default="")
    reelection_on = models.DateField("换届日期", null=True)
    leader = models.TextField("工会负责人", blank=True, default="")
    # The database creates it on insert: the particulars of the union's filings and reviews are bound to it.
    seal_id = models.UUIDField(db_default=RandomUUID(), editable=False)
    phone_sealed = models.BinaryField(null=True)
    staff_count = models.PositiveIntegerField("职工人数", null=True)
    merged = models.BooleanField("是否合并工会", null=True)
    member_count = models.PositiveIntegerField("会员人数", default=0)
    retained_count = models.PositiveIntegerField("保留会籍", default=0, db_default=0)  # of the members
    created_at = models.DateTimeField("建立时间", db_default=Now())
    events: Any  # the manager of the earlier versions, which @history makes

    objects = UnionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=UnionKind.values), name="union_kind_known"),
            models.CheckConstraint(condition=Q(state__in=UnionState.values), name="union_state_known"),
            models.CheckConstraint(
                condition=Q(kind=UnionKind.CITY, superior=None)
                | Q(kind=UnionKind.GRASSROOTS)
                | (~Q(kind__in=[UnionKind.CITY, UnionKind.GRASSROOTS]) & Q(superior__isnull=False)),
                name="union_superior_by_kind",
            ),
            models.CheckConstraint(
                condition=~Q(kind=UnionKind.GRASSROOTS, state=UnionState.APPROVED)
                | Q(superior__isnull=False, number__isnull=False),
                name="union_approved_is_placed_and_numbered",
            ),
            models.UniqueConstraint(F("kind"), condition=Q(kind=UnionKind.CITY), name="union_one_city"),
            models.CheckConstraint(
                condition=~Q(state=UnionState.DISSOLVED) | Q(member_count=0), name="union_dissolved_has_no_members"
            ),
            models.CheckConstraint(
                condition=Q(retained_count__lte=F("member_count")), name="union_retained_are_members"
            ),
            models.UniqueConstraint(
                "superior", "name", condition=~Q(kind=UnionKind.GRASSROOTS), name="union_superior_name_once"
            ),
            *columns.CONSTRAINTS,
        ]
        indexes = [
            models.Index(fields=["level2", "id"], name="union_level2"),
            models.Index(fields=["level3", "id"], name="union_level3"),
            models.Index(fields=["superior", "pinyin", "id"], name="union_superior_pinyin"),
            models.Index(fields=["superior", "member_count", "id"], name="union_superior_members"),
            models.Index(fields=["level2", "pinyin", "id"], name="union_level2_pinyin"),
            models.Index(fields=["level2", "member_count", "id"], name="union_level2_members"),
            models.Index(fields=["pinyin", "id"], name="union_pinyin"),
            models.Index(fields=["member_count", "id"], name="union_members"),
            models.Index(fields=["founded_on", "id"], name="union_founded"),
            *(
                models.Index(fields=[*level, day, "id"], condition=_BOUND, name=f"union_{name}")
                for day, name in (("reelection_on", "reelection"), ("certificate_valid_until", "certificate"))
                for name, level in ((name, []), (f"level2_{name}", ["level2"]), (f"level3_{name}", ["level3"]))
            ),
            models.Index(fields=["id"], condition=Q(retained_count__gt=0), name="union_retained"),
            GinIndex(Grams(key_of_name()), name="union_name_grams"),
            models.Index(key_of_name(), name="union_name_key"),
            GinIndex(Grams(Initials("pinyin")), name="union_initials"),
        ]
        triggers = [*state_triggers("state", TRANSITIONS), *TREE]

    @property
    def working_count(self) -> int:
        """The members who are compared with 职工人数: those who are retained do not work there."""
        return self.member_count - self.retained_count

    def __str__(self) -> str:
        return self.name

    @property
    def level(self) -> int:
        """1 (city) to 4 (grassroots)."""
        return LEVEL[UnionKind(self.kind)]

    @property
    def short_name(self) -> str:
        """The name in lists: the place of a district or street (杨浦区), else the full name, as 「机电」 is no union."""
        return (self.area if self.kind in (UnionKind.DISTRICT, UnionKind.STREET) else "") or self.name

    def trail_from(self, top: "Union") -> list["Union"]:
        """Returns the unions from ``top`` down to this one."""
        trail = [self]
        while trail[0].pk != top.pk and trail[0].superior is not None:
            trail.insert(0, trail[0].superior)
        return trail

    @property
    def path(self) -> str:
        """A superior union's name with that of its superior: 杨浦区 五角场镇, 上海市机电工会 动力设备公司工会."""
        above = self.superior
        return f"{above.short_name} {self.short_name}" if above else self.name

    @property
    def is_grassroots(self) -> bool:
        return self.kind == UnionKind.GRASSROOTS

    @property
    def is_covering(self) -> bool:
        """Whether it may have 涵盖单位."""
        return self.grassroots_type in COVERING


@history()
class Employer(columns.OfEmployer):
    """The 单位 whose staff form a grassroots union; with its approved values, empty before the first approval.

    The code of a dissolved union moves to ``former_code``, so that another union of the employer can use it.
    """

    union = models.OneToOneField(Union, on_delete=models.PROTECT, related_name="employer")
    name = models.TextField("单位名称")
    name_key = models.TextField(null=True, editable=False)  # null if it is the same as the name
    code = models.TextField("单位行政法人和其他组织统一社会信用代码(或组织机构代码)", null=True, unique=True)
    former_code = models.TextField("原代码", blank=True, default="")
    economic_type = models.TextField("经济类型", choices=EconomicType.choices, blank=True, default="")
    industry = models.TextField("单位所属行业", choices=Industry.choices, blank=True, default="")
    address = models.TextField("单位地址", blank=True, default="")
    registered = models.ForeignKey("RegisteredEmployer", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [
            GinIndex(Grams(key_of_name()), name="employer_name_grams"),
            models.Index(key_of_name(), name="employer_name_key"),
            models.Index(fields=["former_code"], condition=~Q(former_code=""), name="employer_former_code"),
            models.Index(Subject("code"), name="employer_subject"),
        ]

    def __str__(self) -> str:
        return self.name


class RegisteredEmployerQuerySet(models.QuerySet):
    def visible_to(self, user: Person) -> "RegisteredEmployerQuerySet":
        """Those of a superior's own streets; of a street that is not known they are the city's."""
        union = user.union
        if union is None or union.is_grassroots:
            return self.none()
        return self.below(union)

    def below(self, node: Union) -> "RegisteredEmployerQuerySet":
        """Those that are located below a superior union."""
        if node.level == 1:
            return self
        if node.level == 2:
            return self.filter(street__in=Union.objects.filter(superior=node))
        return self.filter(street=node)

    def organising(self) -> "RegisteredEmployerQuerySet":
        """Each with ``has_union``, of its own, and ``is_covered``, by a joint one; by code, at each read (ADR 61)."""
        own = Employer.objects.alias(of=Subject("code")).filter(of=OuterRef("subject"))
        covered = CoveredEmployer.objects.standing().alias(of=Substr("code", 9, 9)).filter(of=OuterRef("subject"))
        return self.alias(subject=Subject("code")).alias(has_union=Exists(own), is_covered=Exists(covered))

    def without_union(self) -> "RegisteredEmployerQuerySet":
        """Those that are not organised: whoever gets a union is not there any more."""
        return self.organising().filter(has_union=False, is_covered=False)

    def with_union(self) -> "RegisteredEmployerQuerySet":
        """All others."""
        return self.organising().filter(ORGANISED)


ORGANISED = Q(has_union=True) | Q(is_covered=True)
"""Of the rows of `RegisteredEmployerQuerySet.organising`."""


class RegisteredEmployer(models.Model):
    """An entry of the statistical register (大统计库): loaded by the city, read-only for all others."""

    name = models.TextField("单位名称")
    name_key = models.TextField(null=True, editable=False)  # null if it is the same as the name
    code = models.TextField("统一社会信用代码", unique=True)
    economic_type = models.TextField("经济类型", choices=EconomicType.choices, blank=True, default="")
    industry = models.TextField("单位所属行业", choices=Industry.choices, blank=True, default="")
    address = models.TextField("单位地址", blank=True, default="")
    staff_count = models.PositiveIntegerField("职工人数", null=True)
    street = models.ForeignKey(Union, null=True, on_delete=models.SET_NULL, related_name="+")  # its location, if known
    loaded_at = models.DateTimeField(db_default=Now())
    # What lists are ordered by: a head count that is not known stands at the end.
    ranked_staff = models.GeneratedField(
        expression=Coalesce("staff_count", 0), output_field=models.PositiveIntegerField(), db_persist=True
    )

    objects = RegisteredEmployerQuerySet.as_manager()

    class Meta:
        indexes = [
            GinIndex(Grams(key_of_name()), name="registered_name_grams"),
            models.Index(key_of_name(), name="registered_name_key"),
            models.Index(fields=["ranked_staff", "id"], name="registered_staff"),
            models.Index(fields=["street", "ranked_staff", "id"], name="registered_street_staff"),
            models.Index(fields=["industry", "ranked_staff", "id"], name="registered_industry_staff"),
        ]

    def __str__(self) -> str:
        return self.name


class CoveredEmployerQuerySet(models.QuerySet):
    def visible_to(self, user: Person) -> "CoveredEmployerQuerySet":
        return self.filter(union__in=Union.objects.visible_to(user))

    def standing(self) -> "CoveredEmployerQuerySet":
        """Those that are covered now."""
        return self.filter(freed_by=None)

    def of_subjects(self, codes: Iterable[str]) -> "CoveredEmployerQuerySet":
        """Those with one of these codes, of either length."""
        wanted = [subject_code(code) for code in codes]
        return self.alias(subject=Substr("code", 9, 9)).filter(subject__in=wanted)

    def compared(self) -> "CoveredEmployerQuerySet":
        """Each with ``known_name`` and ``known_staff`` of the statistical register (None: not there), and ``finding``."""
        entry = RegisteredEmployer.objects.filter(code=OuterRef("code")).alias(key=key_of_name())
        other_name = ~Q(key=Coalesce(OuterRef("name_key"), OuterRef("name")))
        other_staff = Q(staff_count__isnull=False) & ~Q(staff_count=OuterRef("staff_count"))
        found = Case(
            When(other_name, then=Value(RegisterFinding.RENAMED)),
            When(other_staff, then=Value(RegisterFinding.STAFF)),
            default=Value(RegisterFinding.SAME),
            output_field=models.TextField(),
        )
        return self.annotate(
            known_name=Subquery(entry.values("name")),
            known_staff=Subquery(entry.values("staff_count")),
            finding=Coalesce(
                Subquery(entry.values_list(found)), Value(RegisterFinding.MISSING), output_field=models.TextField()
            ),
        )


@history()
class CoveredEmployer(models.Model):
    """涵盖单位: an employer without a union of its own, whose staff a joint union takes in (ADR 45).

    A dissolution frees it; the row stays, so that a restoration finds it.
    """

    union = models.ForeignKey(Union, on_delete=models.PROTECT, related_name="covered", db_index=False)
    code = models.TextField("统一社会信用代码")
    name = models.TextField("单位名称")
    name_key = models.TextField(null=True, editable=False)  # where it is not the name itself
    pinyin = models.TextField(default="", editable=False)
    staff_count = models.PositiveIntegerField("职工人数")
    added_at = models.DateTimeField("登记时间", db_default=Now())
    import_act = models.UUIDField(null=True)  # of the import that wrote it, until somebody changes it
    freed_by = models.UUIDField(null=True)  # the act of the dissolution
    events: Any  # the manager of the earlier versions, which @history makes

    objects = CoveredEmployerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("code", condition=Q(freed_by=None), name="covered_code_once"),
            models.CheckConstraint(
                condition=Q(staff_count__gte=1, staff_count__lte=MAX_STAFF), name="covered_staff_in_range"
            ),
        ]
        indexes = [
            models.Index(fields=["union", "id"], name="covered_union"),
            models.Index(fields=["union", "pinyin", "id"], name="covered_union_pinyin"),
            models.Index(Substr("code", 9, 9), name="covered_subject"),
            models.Index(fields=["freed_by"], condition=Q(freed_by__isnull=False), name="covered_freed"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="no_union_of_its_own",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("code", "freed_by"),
                condition=pgtrigger.Q(new__freed_by__isnull=True),
                func="""
                    IF EXISTS (SELECT FROM unions_employer WHERE code IN (NEW.code, substr(NEW.code, 9, 9))) THEN
                        RAISE EXCEPTION 'this employer has a union of its own'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'covered_has_no_union';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.name
