"""The coded fields of a member: the value is stored, the label is shown on pages and in workbooks."""

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


class Ethnicity(models.TextChoices):
    """The 56 peoples under their digits of GB/T 3304-1991; the names are its letters."""

    HA = "01", "汉族"
    MG = "02", "蒙古族"
    HU = "03", "回族"
    ZA = "04", "藏族"
    UG = "05", "维吾尔族"
    MH = "06", "苗族"
    YI = "07", "彝族"
    ZH = "08", "壮族"
    BY = "09", "布依族"
    CS = "10", "朝鲜族"
    MA = "11", "满族"
    DO = "12", "侗族"
    YA = "13", "瑶族"
    BA = "14", "白族"
    TJ = "15", "土家族"
    HN = "16", "哈尼族"
    KZ = "17", "哈萨克族"
    DA = "18", "傣族"
    LI = "19", "黎族"
    LS = "20", "傈僳族"
    VA = "21", "佤族"
    SH = "22", "畲族"
    GS = "23", "高山族"
    LH = "24", "拉祜族"
    SU = "25", "水族"
    DX = "26", "东乡族"
    NX = "27", "纳西族"
    JP = "28", "景颇族"
    KG = "29", "柯尔克孜族"
    TU = "30", "土族"
    DU = "31", "达斡尔族"
    ML = "32", "仫佬族"
    QI = "33", "羌族"
    BL = "34", "布朗族"
    SL = "35", "撒拉族"
    MN = "36", "毛南族"
    GL = "37", "仡佬族"
    XB = "38", "锡伯族"
    AC = "39", "阿昌族"
    PM = "40", "普米族"
    TA = "41", "塔吉克族"
    NU = "42", "怒族"
    UZ = "43", "乌孜别克族"
    RS = "44", "俄罗斯族"
    EW = "45", "鄂温克族"
    DE = "46", "德昂族"
    BN = "47", "保安族"
    YG = "48", "裕固族"
    GI = "49", "京族"
    TT = "50", "塔塔尔族"
    DR = "51", "独龙族"
    OR = "52", "鄂伦春族"
    HZ = "53", "赫哲族"
    MB = "54", "门巴族"
    LB = "55", "珞巴族"
    JN = "56", "基诺族"
    OTHER = "97", "其他"
    NATURALISED = "98", "外国血统中国籍人士"


class PoliticalStatus(models.TextChoices):
    """GB/T 4762-1984, under its digits."""

    PARTY_MEMBER = "01", "中共党员"
    PROBATIONARY = "02", "中共预备党员"
    YOUTH_LEAGUE = "03", "共青团员"
    MINGE = "04", "民革党员"
    MINMENG = "05", "民盟盟员"
    MINJIAN = "06", "民建会员"
    MINJIN = "07", "民进会员"
    NONGGONG = "08", "农工党党员"
    ZHIGONG = "09", "致公党党员"
    JIUSAN = "10", "九三学社社员"
    TAIMENG = "11", "台盟盟员"
    INDEPENDENT = "12", "无党派人士"
    MASSES = "13", "群众"


class Employment(models.TextChoices):
    """就业状况 of the national form."""

    EMPLOYED = "employed", "在岗"
    LAID_OFF = "laid_off", "待（下）岗"
    UNEMPLOYED = "unemployed", "失业"
    RETIRED = "retired", "退休"
    SEVERED = "severed", "退职"
    EARLY_RETIRED = "early_retired", "退养（内退）"
    SICK_LEAVE = "sick_leave", "病休"
    OTHER = "other", "其他"


class YesNo(models.TextChoices):
    """An answer that may be missing, too."""

    YES = "yes", "是"
    NO = "no", "否"


class NewEmployment(models.TextChoices):
    """新就业形态群体: the eight groups of the national form, and the drivers that are counted with them since."""

    NONE = "none", "不属于"
    TRUCK_DRIVER = "truck_driver", "货车司机"
    COURIER = "courier", "快递员"
    CARER = "carer", "护工护理员"
    DOMESTIC = "domestic", "家政服务员"
    MALL_INFORMER = "mall_informer", "商场信息员"
    FOOD_DELIVERY = "food_delivery", "网约送餐员"
    ESTATE_AGENT = "estate_agent", "房产中介员"
    SECURITY_GUARD = "security_guard", "保安员"
    RIDE_HAILING = "ride_hailing", "网约车司机"


class HonourLevel(models.TextChoices):
    """劳动模范、先进工作者: who has awarded the highest one."""

    NONE = "none", "无"
    NATIONAL = "national", "全国级"
    PROVINCIAL = "provincial", "省部级"
    MUNICIPAL = "municipal", "地市级"
    OTHER = "other", "其他"


def _digits(choices: type[models.TextChoices]) -> dict[str, str | None]:
    """Of a list whose values are the standard's own codes."""
    return {value: value for value in choices.values}


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
register("ethnicity", Ethnicity, title="民族", standard="GB/T 3304", national=_digits(Ethnicity), closed=True)
register(
    "political_status",
    PoliticalStatus,
    title="政治面貌",
    standard="GB/T 4762",
    national=_digits(PoliticalStatus),
    closed=True,
)
register("employment", Employment, title="就业状况", national=dict.fromkeys(Employment), closed=False)
register("migrant_worker", YesNo, title="是否农民工", national=dict.fromkeys(YesNo), closed=True)
register("new_employment", NewEmployment, title="新就业形态群体", national=dict.fromkeys(NewEmployment), closed=False)
register(
    "honour_level", HonourLevel, title="劳模荣誉", national=dict.fromkeys(HonourLevel), closed=False,
    lasting=[HonourLevel.NONE],
)  # fmt: skip
