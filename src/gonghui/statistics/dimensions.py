"""By what figures are divided: each dimension's values, and the SQL that reads the value of a line (`counting`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.db.models import TextChoices

from gonghui.codelists.queries import labels
from gonghui.members.codes import Education, Household, Sex
from gonghui.members.models import Membership
from gonghui.unions.codes import EconomicType, EmployerKind, GrassrootsType, Industry

REASON = "reason"
"""Divides the flows alone: why somebody joined or left."""


@dataclass(frozen=True)
class Bands:
    """Ranges of a number: ``limits`` are the first numbers of each band but the first."""

    limits: tuple[int, ...]
    unit: str

    def sql(self, number: str) -> str:
        """The position of the band; empty where there is no number."""
        return f"coalesce(width_bucket({number}, ARRAY{list(self.limits)})::text, '')"

    def of(self, number: int | None) -> str:
        return "" if number is None else str(sum(number >= limit for limit in self.limits))

    @property
    def labels(self) -> dict[str, str]:
        first, last = self.limits[0], self.limits[-1]
        between = zip(self.limits, self.limits[1:], strict=False)
        named = [f"{first - 1} {self.unit}及以下", *(f"{low} 至 {high - 1} {self.unit}" for low, high in between)]
        return {str(place): label for place, label in enumerate([*named, f"{last} {self.unit}及以上"])}


AGES = Bands((18, 25, 35, 45, 55, 60), "岁")
SIZES = Bands((25, 100, 300, 1000), "人")


@dataclass(frozen=True)
class Dimension:
    """``value`` is SQL over the rows as they were on ``line.on_day``: a member (``person``), a union (``home``), its
    ``employer``.
    """

    key: str
    label: str
    value: str
    of_union: bool = False
    """Whether unions are counted by it, too."""
    choices: type[TextChoices] | None = None
    bands: Bands | None = None

    @property
    def labels(self) -> Mapping[str, str]:
        """The values in their order, with what is not filled in at the end."""
        named = self.bands.labels if self.bands else labels(self.choices) if self.choices else {}
        return {**named, "": "未填写"}


_AGE = "extract(year FROM age(line.on_day, person.born_on))::int"

DIMENSIONS: Mapping[str, Dimension] = MappingProxyType({
    one.key: one
    for one in (
        Dimension("sex", "性别", "person.sex", choices=Sex),
        Dimension("age", "年龄段", AGES.sql(_AGE), bands=AGES),
        Dimension("education", "学历", "person.education", choices=Education),
        Dimension("household", "户籍类型", "person.household", choices=Household),
        Dimension("industry", "行业", "employer.industry", of_union=True, choices=Industry),
        Dimension("employer_kind", "单位性质", "employer.employer_kind", of_union=True, choices=EmployerKind),
        Dimension("economic_type", "经济类型", "employer.economic_type", of_union=True, choices=EconomicType),
        Dimension("union_type", "工会类型", "home.grassroots_type", of_union=True, choices=GrassrootsType),
        Dimension("size", "单位规模", SIZES.sql("home.staff_count"), of_union=True, bands=SIZES),
    )
})  # fmt: skip

RELOCATED = "relocated"
"""The reason of those whose union came under another superior."""

REASONS: Mapping[str, str] = MappingProxyType(
    {**{str(value): str(label) for value, label in Membership.Reason.choices}, RELOCATED: "工会变更上级"}
)


def labels_of(dimension: str) -> Mapping[str, str]:
    return REASONS if dimension == REASON else DIMENSIONS[dimension].labels
