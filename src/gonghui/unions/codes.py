"""The coded fields of a union: the value is stored, the label is shown on pages and in workbooks."""

from django.db import models

from gonghui.codelists.hooks import register


class EconomicType(models.TextChoices):
    """Kinds of enterprise after GB/T 12402, and of units that are no enterprise."""

    STATE = "state", "国有企业"
    COLLECTIVE = "collective", "集体企业"
    STOCK_COOPERATIVE = "stock_cooperative", "股份合作企业"
    JOINT_OPERATION = "joint_operation", "联营企业"
    LIMITED = "limited", "有限责任公司"
    STOCK_LIMITED = "stock_limited", "股份有限公司"
    PRIVATE = "private", "私营企业"
    OTHER_DOMESTIC = "other_domestic", "其他内资企业"
    HMT_INVESTED = "hmt_invested", "港澳台商投资企业"
    FOREIGN_INVESTED = "foreign_invested", "外商投资企业"
    INDIVIDUAL = "individual", "个体经营"
    GOVERNMENT = "government", "机关"
    PUBLIC_INSTITUTION = "public_institution", "事业单位"
    SOCIAL_ORGANISATION = "social_organisation", "社会组织"
    OTHER = "other", "其他"


class Industry(models.TextChoices):
    """The twenty sections of GB/T 4754-2017, under their letters."""

    A = "A", "农、林、牧、渔业"
    B = "B", "采矿业"
    C = "C", "制造业"
    D = "D", "电力、热力、燃气及水生产和供应业"
    E = "E", "建筑业"
    F = "F", "批发和零售业"
    G = "G", "交通运输、仓储和邮政业"
    H = "H", "住宿和餐饮业"
    I = "I", "信息传输、软件和信息技术服务业"  # noqa: E741 (the letter of the standard)
    J = "J", "金融业"
    K = "K", "房地产业"
    L = "L", "租赁和商务服务业"
    M = "M", "科学研究和技术服务业"
    N = "N", "水利、环境和公共设施管理业"
    O = "O", "居民服务、修理和其他服务业"  # noqa: E741 (the letter of the standard)
    P = "P", "教育"
    Q = "Q", "卫生和社会工作"
    R = "R", "文化、体育和娱乐业"
    S = "S", "公共管理、社会保障和社会组织"
    T = "T", "国际组织"


class GrassrootsType(models.TextChoices):
    """Kinds of grassroots union."""

    SINGLE = "single", "单独基层工会"
    JOINT = "joint", "联合基层工会"
    INDUSTRY_FEDERATION = "industry_federation", "行业工会联合会"
    REGIONAL_FEDERATION = "regional_federation", "区域工会联合会"
    PROJECT = "project", "项目工会"
    OTHER = "other", "其他"


COVERING = frozenset({GrassrootsType.JOINT, GrassrootsType.INDUSTRY_FEDERATION, GrassrootsType.REGIONAL_FEDERATION})
"""The types that several employers form together, so that they have 涵盖单位 (ADR 45)."""

register(
    "economic_type", EconomicType, title="经济类型", standard="GB/T 12402", closed=False,
    national={
        EconomicType.STATE: "110", EconomicType.COLLECTIVE: "120", EconomicType.STOCK_COOPERATIVE: "130",
        EconomicType.JOINT_OPERATION: "140", EconomicType.LIMITED: "150", EconomicType.STOCK_LIMITED: "160",
        EconomicType.PRIVATE: "170", EconomicType.INDIVIDUAL: "175", EconomicType.OTHER_DOMESTIC: "190",
        EconomicType.HMT_INVESTED: "200", EconomicType.FOREIGN_INVESTED: "300", EconomicType.OTHER: "900",
        EconomicType.GOVERNMENT: None, EconomicType.PUBLIC_INSTITUTION: None, EconomicType.SOCIAL_ORGANISATION: None,
    },
)  # fmt: skip
register(
    "industry", Industry, title="单位所属行业", standard="GB/T 4754", closed=True,
    national={section: section.value for section in Industry},
)  # fmt: skip
register("grassroots_type", GrassrootsType, title="基层工会类型", national=dict.fromkeys(GrassrootsType), closed=True)
