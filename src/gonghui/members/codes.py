"""The coded fields of a member: the value is stored, the label is shown on pages and in workbooks."""

from django.db import models


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
    """Levels of GB/T 4658; those below junior secondary are one level."""

    PRIMARY = "primary", "小学及以下"
    JUNIOR_SECONDARY = "junior_secondary", "初中"
    SENIOR_SECONDARY = "senior_secondary", "高中"
    VOCATIONAL = "vocational", "中专/中技/职高"
    COLLEGE = "college", "大学专科"
    BACHELOR = "bachelor", "大学本科"
    MASTER = "master", "硕士研究生"
    DOCTOR = "doctor", "博士研究生"


class Household(models.TextChoices):
    """Registers since 2014 have only 居民户; older records keep the former two."""

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
    """The member's position in the union."""

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
