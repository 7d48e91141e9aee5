"""The words that officers write for a code: those of documents, of the national forms and of common rosters.

Each word belongs to the one choice that it can mean, or to EITHER with all choices that it could mean: it is never
guessed. The comparison ignores spaces, the width of brackets and letter case. A new word is one more word on a line.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django.db.models import TextChoices

from gonghui.codelists.queries import label, meaning
from gonghui.kit.normal import plain
from gonghui.members.codes import (
    DocumentType,
    Education,
    Employment,
    Ethnicity,
    HonourLevel,
    Household,
    NewEmployment,
    PoliticalStatus,
    Sex,
    SkillLevel,
    UnionPosition,
    YesNo,
)

Words = Mapping[Any, str]
"""Choices with their words, separated by spaces."""

_position: Words = {
    UnionPosition.MEMBER: "普通会员 一般会员 工会会员 无 无职务",
    UnionPosition.CHAIR: "主席 会主席 专职主席 兼职主席 工会主席(专职) 工会主席(兼职) 基层工会主席 单位工会主席 工会负责人",
    UnionPosition.DEPUTY_CHAIR: "副主席 专职副主席 兼职副主席 常务副主席 基层工会副主席",
    UnionPosition.COMMITTEE: """委员 工会委员会委员 基层工会委员 组织委员 宣传委员 文体委员 文体宣传委员 生活委员 福利委员
        生活福利委员 生产委员 财务委员 青年委员 劳动保护委员 劳保委员""",
    UnionPosition.AUDIT_DIRECTOR: "经审主任 经审会主任 经审委主任 经费审查主任 经费审查委员会主任委员",
    UnionPosition.AUDIT_COMMITTEE: "经审委员 经审会委员 经审委委员 经费审查委员会委员",
    UnionPosition.WOMEN_DIRECTOR: """女工主任 女工委主任 女工委员会主任 女职工主任 女职工委主任 女职委主任
        女职工委员会主任委员""",
    UnionPosition.WOMEN_COMMITTEE: "女工委员 女工委委员 女工委员会委员 女职工委委员 女职委委员 女职工委员会委员",
    UnionPosition.GROUP_LEADER: "小组长 组长 工会组长 工会小组组长",
    UnionPosition.STAFF: "专职干部 工会专职干部 专职工会工作人员 工会专职工作人员 专职工作人员 专干 工会专干",
}
_document_type: Words = {
    DocumentType.RESIDENT_ID: """居民身份证 中华人民共和国居民身份证 中国居民身份证 内地居民身份证 大陆居民身份证 公民身份证
        第二代身份证 第二代居民身份证 二代身份证 二代证 身份证件 身份证号 身份证号码 公民身份号码 临时身份证 临时居民身份证
        身份證 居民身份證 id""",
    DocumentType.PASSPORT: """中国护照 中华人民共和国护照 普通护照 因私护照 因私普通护照 外国护照 外籍护照 外国人护照
        护照号 护照号码 護照 passport""",
    DocumentType.HK_MACAO_PERMIT: """回乡证 港澳回乡证 港澳同胞回乡证 港澳居民通行证 港澳居民往来内地通行证
        港澳居民来往大陆通行证 港澳来往内地通行证 港澳居民来往内地通行证(非中国籍) 港澳居民来往内地通行证(回乡证)""",
    DocumentType.TAIWAN_PERMIT: """台胞证 台湾居民通行证 台湾同胞证 台湾居民往来大陆通行证 台湾居民来往内地通行证
        台湾同胞来往大陆通行证 台湾来往大陆通行证 台湾居民来往大陆通行证(台胞证) 臺胞證""",
    DocumentType.HMT_RESIDENCE: """港澳台居住证 港澳居民居住证 台湾居民居住证 港澳居住证 台湾居住证
        中华人民共和国港澳居民居住证 中华人民共和国台湾居民居住证""",
    DocumentType.FOREIGN_PERMANENT: """外国人永久居留证 外国人永久居住证 外国人永居证 永久居留身份证 永久居留证 永居证
        中华人民共和国外国人永久居留身份证 中国绿卡 五星卡""",
    DocumentType.OTHER: """其他 其它 其它证件 其他有效证件 其他身份证件 其他法定证件 军官证 士兵证 士官证 军人证 军人身份证
        军人身份证件 武警身份证件 文职干部证 军官退休证 警官证 人民警察证 户口簿 户口本 驾驶证 香港身份证 澳门身份证
        台湾身份证 香港永久性居民身份证 澳门永久性居民身份证 外国人居留许可 外国人居留证 外国人工作许可证""",
}
_CONFIRMABLE = (DocumentType.PASSPORT, DocumentType.OTHER)
_CONFIRMATION = "（已核对）"
_confirmation = plain(_CONFIRMATION)

_sex: Words = {
    Sex.MALE: "男性 男士 男生 男的 1 1-男 m male",
    Sex.FEMALE: "女性 女士 女生 女的 2 2-女 f female",
    Sex.UNKNOWN: "未知的性别 未说明 未说明的性别 不详 0 9",
}
_education: Words = {
    Education.PRIMARY: """小学 小学以下 小学毕业 小学肄业 小学教育 文盲 半文盲 文盲半文盲 文盲或半文盲 文盲/半文盲
        文盲及半文盲 未上过学 不识字""",
    Education.JUNIOR_SECONDARY: "初中毕业 初中肄业 初级中学 普通初中 初级中学教育 初中学历",
    Education.SENIOR_SECONDARY: "高中毕业 高中肄业 普通高中 高级中学 普通高级中学 普通高级中学教育 高中学历",
    Education.VOCATIONAL: """中专 中技 职高 中职 中师 技校 中专毕业 中专学历 职业高中 职业中学 职业中专 技工学校 中等专科
        中等专业 中等专业学校 中等技术学校 中等职业 中等职业学校 中等职业教育 中等师范 职高/中专/技校 中专/职高/技校
        中专/技校 中专/职高 职高/技校 中专/中技 中专或技校 中专中技 中专技校 中专、中技、职高""",
    Education.COLLEGE: """大专 专科 高职 高专 高职高专 大专毕业 专科毕业 大专学历 专科学历 大学专科毕业 专科教育 大学大专
        大学专科教育 高等专科 高等职业教育 全日制大专 全日制专科 在职大专 成人大专 函授大专 自考大专 大专/高职 大专(高职)""",
    Education.BACHELOR: """本科 大本 学士 本科毕业 本科学历 本科教育 本科生 大学本科毕业 大学本科教育 大学学士 学士学位
        全日制本科 非全日制本科 在职本科 成人本科 函授本科 自考本科 普通本科 本科学士 双学士""",
    Education.MASTER: """硕士 硕研 硕士生 硕士毕业 硕士学位 硕士学历 硕士研究生毕业 全日制硕士 非全日制硕士 在职硕士 专业硕士
        研究生(硕士) 研究生硕士 硕士研究生教育 mba 工商管理硕士""",
    Education.DOCTOR: """博士 博研 博士生 博士毕业 博士学位 博士学历 博士研究生毕业 全日制博士 在职博士 研究生(博士) 研究生博士
        博士研究生教育""",
}
_household: Words = {
    Household.URBAN: """非农 非农户口 非农业户口 非农户籍 非农业户籍 非农业户 非农业家庭户口 城镇 城镇户口 城镇户籍 城镇居民
        城镇居民户口 城市 城市户口 城市户籍 本市城镇 本市城镇户口 外地城镇 外地城镇户口 外来城镇 外省市城镇 本市非农业
        本市非农 外地非农业 外地非农""",
    Household.RURAL: """农业户口 农业户籍 农业户 农业家庭户口 农户 农民 农民户口 农村 农村户口 农村户籍 农村居民 农村居民户口
        乡村户口 本市农村 本市农村户口 外地农村 外地农村户口 外来农村 外省市农村 本市农业 外地农业""",
    Household.RESIDENT: "居民 居民户口 居民户籍 居民家庭户 居民家庭户口 统一居民户口 城乡统一居民户口",
    Household.OTHER: "其它 其他户口 其它户口",
}
_skill_levels = (
    (SkillLevel.JUNIOR, "初级", "五", "5"),
    (SkillLevel.INTERMEDIATE, "中级", "四", "4"),
    (SkillLevel.SENIOR, "高级", "三", "3"),
    (SkillLevel.TECHNICIAN, "技师", "二", "2"),
    (SkillLevel.SENIOR_TECHNICIAN, "高级技师", "一", "1"),
)
_skill_shapes = """{0} {0}工 {0}技工 {0}技能 {1} {1}工 职业资格{1} 国家职业资格{1} 职业技能{1} 职业技能等级{1} 技能等级{1}
    {1}({0}) {1}({0}工) {1}/{0} {1}/{0}工 {1}{0} {1}{0}工 {1}-{0} {1}、{0} {0}({1}) {0}工({1}) {0}/{1} {0}工/{1} {0}{1} {0}工{1}
    职业资格{1}({0}) 国家职业资格{1}({0}) 职业资格{1}({0}工) 国家职业资格{1}({0}工) 职业技能等级{1}({0}工)"""
_skill_level: Words = {
    SkillLevel.NONE: "无等级 无技术等级 无技能等级 无职业资格 没有 暂无 未评定 未定级 未评级 无证书",
    **{
        choice: " ".join(_skill_shapes.format(word, f"{number}级") for number in numbers)
        for choice, word, *numbers in _skill_levels
    },
}
_ethnicity: Words = {choice: choice.label.removesuffix("族") for choice in Ethnicity} | {
    Ethnicity.OTHER: "其它 其他民族 未识别民族",
    Ethnicity.NATURALISED: "外国血统 入籍 外国血统中国籍",
}
_political_status: Words = {
    PoliticalStatus.PARTY_MEMBER: "党员 共产党员 中国共产党党员 正式党员",
    PoliticalStatus.PROBATIONARY: "预备党员 中国共产党预备党员 党员(预备)",
    PoliticalStatus.YOUTH_LEAGUE: "团员 共青团 中国共产主义青年团团员",
    PoliticalStatus.MINGE: "民革 民革会员",
    PoliticalStatus.MINMENG: "民盟 民盟成员",
    PoliticalStatus.MINJIAN: "民建 民建成员",
    PoliticalStatus.MINJIN: "民进 民进成员",
    PoliticalStatus.NONGGONG: "农工党 农工党员",
    PoliticalStatus.ZHIGONG: "致公党 致公党员",
    PoliticalStatus.JIUSAN: "九三学社 九三社员",
    PoliticalStatus.TAIMENG: "台盟 台盟成员",
    PoliticalStatus.INDEPENDENT: "无党派 无党派民主人士",
    PoliticalStatus.MASSES: "普通公民 无 群众(含无党派)",
}
_employment: Words = {
    Employment.EMPLOYED: "在职 在职在岗 正常 在册在岗",
    Employment.LAID_OFF: "待岗 下岗 待下岗 待(下)岗",
    Employment.UNEMPLOYED: "失业人员 无业",
    Employment.SEVERED: "已退职 退职人员",
    Employment.OTHER: "其它",
    Employment.RETIRED: "已退休 退休人员 离退休",
    Employment.EARLY_RETIRED: "退养 内退 退养(内退)",
    Employment.SICK_LEAVE: "病假 长病假",
}
_yes_no: Words = {YesNo.YES: "1 y yes 对", YesNo.NO: "0 2 n no 不是"}
_new_employment: Words = {
    NewEmployment.NONE: "否 无 不是",
    NewEmployment.TRUCK_DRIVER: "卡车司机 货运司机",
    NewEmployment.COURIER: "快递 快递小哥 快递从业人员",
    NewEmployment.CARER: "护工 护理员 护工/护理员",
    NewEmployment.DOMESTIC: "家政 家政员 家政服务",
    NewEmployment.MALL_INFORMER: "商场信息员工 卖场信息员",
    NewEmployment.FOOD_DELIVERY: "送餐员 外卖员 外卖骑手 外卖小哥 网约配送员",
    NewEmployment.ESTATE_AGENT: "房产中介 房屋中介员",
    NewEmployment.SECURITY_GUARD: "保安",
    NewEmployment.RIDE_HAILING: "网约车 网约车驾驶员",
}
_honour_level: Words = {
    HonourLevel.NONE: "否 没有 不是",
    HonourLevel.NATIONAL: "全国 国家级 全国劳模 全国劳动模范",
    HonourLevel.PROVINCIAL: "省级 部级 市级(直辖市) 上海市劳模 省劳模 省部级劳模",
    HonourLevel.MUNICIPAL: "地级 地市级劳模",
    HonourLevel.OTHER: "其它 其他级别",
}
WORDS: Mapping[type[TextChoices], Words] = {
    UnionPosition: _position,
    DocumentType: _document_type,
    Sex: _sex,
    Education: _education,
    Household: _household,
    SkillLevel: _skill_level,
    Ethnicity: _ethnicity,
    PoliticalStatus: _political_status,
    Employment: _employment,
    YesNo: _yes_no,
    NewEmployment: _new_employment,
    HonourLevel: _honour_level,
}

_graduate = (Education.MASTER, Education.DOCTOR)
EITHER: Mapping[type[TextChoices], Sequence[tuple[str, Sequence[TextChoices]]]] = {
    UnionPosition: (
        ("主任", (UnionPosition.AUDIT_DIRECTOR, UnionPosition.WOMEN_DIRECTOR)),
        ("干部 工会干部", (UnionPosition.STAFF, UnionPosition.COMMITTEE)),
    ),
    DocumentType: (
        ("通行证 港澳台通行证 港澳台居民通行证 来往内地通行证 来往大陆通行证",
         (DocumentType.HK_MACAO_PERMIT, DocumentType.TAIWAN_PERMIT)),
        ("港澳通行证 往来港澳通行证", (DocumentType.HK_MACAO_PERMIT, DocumentType.OTHER)),
        ("台湾通行证 往来台湾通行证", (DocumentType.TAIWAN_PERMIT, DocumentType.OTHER)),
        ("居住证 居留证", (DocumentType.HMT_RESIDENCE, DocumentType.FOREIGN_PERMANENT, DocumentType.OTHER)),
        ("绿卡", (DocumentType.FOREIGN_PERMANENT, DocumentType.OTHER)),
    ),
    Education: (
        ("研究生 研究生毕业 研究生学历 研究生教育 研究生及以上 硕士及以上 硕士以上 硕博", _graduate),
        ("大学 大学毕业 大学学历 大学教育 高等教育", (Education.COLLEGE, Education.BACHELOR)),
        ("本科及以上 本科以上 大学及以上 大学本科及以上", (Education.BACHELOR, *_graduate)),
        ("大专及以上 专科及以上", (Education.COLLEGE, Education.BACHELOR, *_graduate)),
        ("中学", (Education.JUNIOR_SECONDARY, Education.SENIOR_SECONDARY)),
        ("高中/中专 高中或中专 高中及中专 高中(中专) 高中/职高/中专 高中、中专",
         (Education.SENIOR_SECONDARY, Education.VOCATIONAL)),
        ("中专及以下 高中及以下 中专以下 高中以下",
         (Education.PRIMARY, Education.JUNIOR_SECONDARY, Education.SENIOR_SECONDARY, Education.VOCATIONAL)),
        ("初中及以下 初中以下", (Education.PRIMARY, Education.JUNIOR_SECONDARY)),
    ),
    Household: (
        ("户籍 家庭户 家庭户口 集体户 集体户口", (Household.URBAN, Household.RURAL, Household.RESIDENT)),
    ),
    SkillLevel: (
        ("技工", (SkillLevel.JUNIOR, SkillLevel.INTERMEDIATE, SkillLevel.SENIOR)),
    ),
}  # fmt: skip
"""Words that could mean several choices; the officer is asked for one of them."""

FOR_EVER = frozenset({"长期", "长期有效", "永久", "永久有效", "终身", "终身有效", "无期限", "无限期"})
"""Words on a document without an end of validity."""


@cache
def _words(choices: type[TextChoices]) -> dict[str, tuple[str, ...]]:
    either = {
        plain(word): tuple(choice.value for choice in could)
        for line, could in EITHER.get(choices, ())
        for word in line.split()
    }
    return either | {
        plain(word): (choice.value,) for choice, line in WORDS.get(choices, {}).items() for word in line.split()
    }


def meant(choices: type[TextChoices], word: str) -> tuple[str, ...]:
    """The values of a coded field that a word can mean: one, several to ask about, or none. The list's own labels, present
    and former, come before the words here.
    """
    text = plain(word)
    if choices is DocumentType and _is_confirmed(text):
        text = text.removesuffix(_confirmation)
    value = meaning(choices, text)
    return _words(choices).get(text, ()) if value is None else (value,)


def is_confirmed(word: str) -> bool:
    """Whether a workbook answers `validation.type_question` by it: the officer has looked at the document."""
    return _is_confirmed(plain(word))


def _is_confirmed(text: str) -> bool:
    return text.endswith(_confirmation) and meaning(DocumentType, text.removesuffix(_confirmation)) in _CONFIRMABLE


def confirmation(document_type: str) -> str:
    """「护照（已核对）」: the answer in words."""
    return f"{label(DocumentType, document_type)}{_CONFIRMATION}"


def confirmations() -> list[str]:
    """The answers that a drop-down offers."""
    return [confirmation(kind) for kind in _CONFIRMABLE]
