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


class EmployerKind(models.TextChoices):
    """单位性质类别 of the national form: twenty kinds of units."""

    STATE = "state", "国有企业"
    COLLECTIVE = "collective", "集体企业"
    STOCK_COOPERATIVE = "stock_cooperative", "股份合作企业"
    JOINT_OPERATION = "joint_operation", "联营企业"
    SOLE_STATE = "sole_state", "国有独资公司"
    OTHER_LIMITED = "other_limited", "其他有限责任公司"
    STATE_HELD = "state_held", "国有控股公司"
    OTHER_STOCK = "other_stock", "其他股份有限公司"
    PRIVATE = "private", "私营企业"
    OTHER_DOMESTIC = "other_domestic", "其他内资企业"
    HMT_INVESTED = "hmt_invested", "港澳台商投资企业"
    FOREIGN_INVESTED = "foreign_invested", "外商投资企业"
    FUNDED_INSTITUTION = "funded_institution", "财政拨款的事业单位"
    OTHER_INSTITUTION = "other_institution", "其他事业单位"
    GOVERNMENT = "government", "机关"
    INDIVIDUAL = "individual", "个体经济组织"
    ASSOCIATION = "association", "社会团体"
    PRIVATE_NON_ENTERPRISE = "private_non_enterprise", "民办非企业单位"
    FOUNDATION = "foundation", "基金会"
    OTHER = "other", "其他组织"


class NationalEconomicType(models.TextChoices):
    """经济类型 of the national form, beside the mixed list of the manual's form (`EconomicType`)."""

    STATE = "state", "国有经济"
    COLLECTIVE = "collective", "集体经济"
    PRIVATE = "private", "私营经济"
    INDIVIDUAL = "individual", "个体经济"
    JOINT_OPERATION = "joint_operation", "联营经济"
    SHAREHOLDING = "shareholding", "股份制"
    FOREIGN_INVESTED = "foreign_invested", "外商投资"
    HMT_INVESTED = "hmt_invested", "港澳台投资"
    OTHER = "other", "其他经济类"


class District(models.TextChoices):
    """Shanghai's districts under their codes of GB/T 2260; the city adds those of other places where its unions are."""

    HUANGPU = "310101", "上海市黄浦区"
    XUHUI = "310104", "上海市徐汇区"
    CHANGNING = "310105", "上海市长宁区"
    JINGAN = "310106", "上海市静安区"
    PUTUO = "310107", "上海市普陀区"
    HONGKOU = "310109", "上海市虹口区"
    YANGPU = "310110", "上海市杨浦区"
    MINHANG = "310112", "上海市闵行区"
    BAOSHAN = "310113", "上海市宝山区"
    JIADING = "310114", "上海市嘉定区"
    PUDONG = "310115", "上海市浦东新区"
    JINSHAN = "310116", "上海市金山区"
    SONGJIANG = "310117", "上海市松江区"
    QINGPU = "310118", "上海市青浦区"
    FENGXIAN = "310120", "上海市奉贤区"
    CHONGMING = "310151", "上海市崇明区"


class ChairEmployment(models.TextChoices):
    """How the chair holds the office."""

    FULL_TIME = "full_time", "专职"
    PART_TIME = "part_time", "兼职"


class Established(models.TextChoices):
    """Whether a union has a committee, a system or a contract."""

    YES = "yes", "有"
    NO = "no", "无"


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
register(
    "employer_kind", EmployerKind, title="单位性质", standard="GB/T 12402", closed=False,
    national=dict.fromkeys(EmployerKind) | {
        EmployerKind.STATE: "110", EmployerKind.COLLECTIVE: "120", EmployerKind.STOCK_COOPERATIVE: "130",
        EmployerKind.JOINT_OPERATION: "140", EmployerKind.SOLE_STATE: "151", EmployerKind.OTHER_LIMITED: "159",
        EmployerKind.PRIVATE: "170", EmployerKind.OTHER_DOMESTIC: "190", EmployerKind.HMT_INVESTED: "200",
        EmployerKind.FOREIGN_INVESTED: "300",
    },
)  # fmt: skip
register(
    "national_economic_type", NationalEconomicType, title="经济类型（全国口径）", closed=False,
    national=dict.fromkeys(NationalEconomicType),
)  # fmt: skip
register(
    "district", District, title="单位所在政区", standard="GB/T 2260", closed=False,
    national={district: district.value for district in District},
)  # fmt: skip
register(
    "chair_employment", ChairEmployment, title="主席任职方式", national=dict.fromkeys(ChairEmployment), closed=True
)
register("established", Established, title="机构和制度的有无", national=dict.fromkeys(Established), closed=True)
