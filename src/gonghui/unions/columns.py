"""The columns of the national form (SPEC 2.7): `national.py` describes them, the city decides which are collected.

They are empty where nothing is known, with a constant default: adding one rewrites no row.
"""

from django.db import models
from django.db.models import F, Q

from gonghui.unions import codes


def _code(label: str, choices: type[models.TextChoices]) -> models.TextField:
    return models.TextField(label, choices=choices.choices, blank=True, default="", db_default="")


class OfUnion(models.Model):
    legal_code = models.TextField("工会法人统一社会信用代码", blank=True, default="", db_default="")
    certificate_number = models.TextField("法人证书编号", blank=True, default="", db_default="")
    certificate_issued_on = models.DateField("法人证书发证日期", null=True)
    certificate_valid_until = models.DateField("法人证书有效期至", null=True)
    session_number = models.PositiveSmallIntegerField("届次", null=True)
    term_years = models.PositiveSmallIntegerField("任期（年）", null=True)
    chair_employment = _code("主席专职或兼职", codes.ChairEmployment)
    full_time_officers = models.PositiveIntegerField("专职工会干部数", null=True)
    women_count = models.PositiveIntegerField("女职工数", null=True)
    migrant_count = models.PositiveIntegerField("农民工数", null=True)
    women_committee = _code("女职工委员会", codes.Established)
    women_committee_since = models.DateField("女职工委员会成立日期", null=True)
    audit_committee = _code("经费审查委员会", codes.Established)
    audit_committee_since = models.DateField("经费审查委员会成立日期", null=True)
    workers_congress = _code("职工代表大会制度", codes.Established)
    workers_congress_since = models.DateField("职代会制度建立日期", null=True)
    open_affairs = _code("厂务公开制度", codes.Established)
    open_affairs_since = models.DateField("厂务公开制度建立日期", null=True)
    collective_contract = _code("集体合同", codes.Established)
    collective_contract_since = models.DateField("集体合同签订日期", null=True)
    mediation_committee = _code("劳动争议调解委员会", codes.Established)
    mediation_committee_since = models.DateField("调解委员会成立日期", null=True)

    class Meta:
        abstract = True


class OfEmployer(models.Model):
    employer_kind = _code("单位性质", codes.EmployerKind)
    national_economic_type = _code("经济类型（全国口径）", codes.NationalEconomicType)
    district_code = _code("单位所在政区", codes.District)

    class Meta:
        abstract = True


CONSTRAINTS = [
    models.UniqueConstraint("legal_code", condition=~Q(legal_code=""), name="union_legal_code_once"),
    models.CheckConstraint(
        condition=Q(legal_code="") | Q(legal_code__regex=r"^81[0-9A-Z]{16}$"),
        name="union_legal_code_of_a_union",
    ),
    models.CheckConstraint(
        condition=Q(certificate_issued_on__lt=F("certificate_valid_until")),
        name="union_certificate_days_in_order",
    ),
]
"""Of Union."""
