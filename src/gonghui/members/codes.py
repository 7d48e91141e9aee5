"""The coded fields of a member: the value is stored, the label is read on screen and in workbooks."""

from django.db import models

from gonghui.codelists.hooks import register


class DocumentType(models.TextChoices):
    """Identity documents, SPEC 3.3; `kit.documents.DOCUMENT_CHECKS` has a check for each."""

    RESIDENT_ID = "resident_id", "身份证"
    PASSPORT = "passport", "护照"
    HK_MACAO_PERMIT = "hk_macao_permit", "港澳居民来往内地通行证"
    TAIWAN_PERMIT = "taiwan_permit", "台湾居民来往大陆通行证"
    HMT_RESIDENCE = "hmt_residence", "港澳台居民居住证"
    FOREIGN_PERMANENT = "foreign_permanent", "外国人永久居留身份证"
    OTHER = "other", "其他证件"


class Sex(models.TextChoices):
    MALE = "male", "男"
    FEMALE = "female", "女"
    UNKNOWN = "unknown", "未知"


class Education(models.TextChoices):
    """Levels of GB/T 4658, those below junior secondary in one."""

    PRIMARY = "primary", "小学及以下"
    JUNIOR_SECONDARY = "junior_secondary", "初中"
    SENIOR_SECONDARY = "senior_secondary", "高中"
    VOCATIONAL = "vocational", "中专/中技/职高"
    COLLEGE = "college", "大学专科"
    BACHELOR = "bachelor", "大学本科"
    MASTER = "master", "硕士研究生"
    DOCTOR = "doctor", "博士研究生"


class Household(models.TextChoices):
    """Registers since 2014 know 居民户 only; older records keep the former two."""

    URBAN = "urban", "非农业"
    RURAL = "rural", "农业"
    RESIDENT = "resident", "居民户"
    OTHER = "other", "其他"


class SkillLevel(models.TextChoices):
    """National occupational qualification levels, lowest first."""

    NONE = "none", "无"
    JUNIOR = "junior", "初级"
    INTERMEDIATE = "intermediate", "中级"
    SENIOR = "senior", "高级"
    TECHNICIAN = "technician", "技师"
    SENIOR_TECHNICIAN = "senior_technician", "高级技师"


class UnionPosition(models.TextChoices):
    """What the member is in his or her union."""

    MEMBER = "member", "会员"
    CHAIR = "chair", "工会主席"
    DEPUTY_CHAIR = "deputy_chair", "工会副主席"
    COMMITTEE = "committee", "工会委员"
    AUDIT_DIRECTOR = "audit_director", "经费审查委员会主任"
    AUDIT_COMMITTEE = "audit_committee", "经费审查委员"
    WOMEN_DIRECTOR = "women_director", "女职工委员会主任"
    WOMEN_COMMITTEE = "women_committee", "女职工委员"
    GROUP_LEADER = "group_leader", "工会小组长"
    STAFF = "staff", "专职工会干部"


register("document_type", DocumentType, title="有效证件类型", national=dict.fromkeys(DocumentType), closed=True)
register(
    "sex", Sex, title="性别", standard="GB/T 2261.1", closed=True,
    national={Sex.UNKNOWN: "0", Sex.MALE: "1", Sex.FEMALE: "2"},
)  # fmt: skip
register(
    "education", Education, title="学历", standard="GB/T 4658", closed=True,
    national={
        Education.PRIMARY: "80", Education.JUNIOR_SECONDARY: "70", Education.SENIOR_SECONDARY: "60",
        Education.VOCATIONAL: "40", Education.COLLEGE: "30", Education.BACHELOR: "20", Education.MASTER: "14",
        Education.DOCTOR: "11",
    },
)  # fmt: skip
register("household", Household, title="户籍类型", national=dict.fromkeys(Household), closed=False)
register("skill_level", SkillLevel, title="技术等级", national=dict.fromkeys(SkillLevel), closed=False)
register(
    "position", UnionPosition, title="工会职务", national=dict.fromkeys(UnionPosition), closed=False,
    lasting=[UnionPosition.MEMBER],
)  # fmt: skip
