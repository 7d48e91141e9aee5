"""Invented employers and addresses, and what people write to one another."""

from random import Random

from gonghui.kit.invent import DISTRICTS, STREETS

AREAS = tuple(DISTRICTS.values())
FIRST = "云瑞启海澄卓景恒沐锦鼎汇众朗逸博盛华新安泰和明远宏信诚德正康乐丰达通嘉宝金东浦申沪江"
SECOND = "帆禾明砚川榕澜岳阳程睿泽森诚晟渊源辉腾创联德信达邦业兴隆美佳优康宁润丰凯捷越翔飞"
TRADES = (
    ("机械设备", "C"), ("信息科技", "I"), ("食品", "C"), ("物流", "G"), ("服饰", "C"), ("建筑工程", "E"), ("医疗用品", "F"),
    ("商务服务", "L"), ("环境工程", "N"), ("文化传播", "R"), ("电子", "C"), ("餐饮管理", "H"), ("物业管理", "K"), ("贸易", "F"),
    ("汽车零部件", "C"), ("生物医药", "C"), ("软件", "I"), ("酒店管理", "H"), ("供应链管理", "G"), ("人力资源服务", "L"),
    ("新材料", "C"), ("家政服务", "O"), ("检测技术", "M"), ("包装印刷", "C"),
)  # fmt: skip
FORMS = (
    ("有限公司", "limited"), ("有限公司", "private"), ("有限公司", "limited"), ("有限公司", "foreign_invested"),
    ("股份有限公司", "stock_limited"), ("合伙企业（有限合伙）", "private"),
)  # fmt: skip
INSTITUTIONS = (
    ("小学", "P", "public_institution"), ("中学", "P", "public_institution"), ("幼儿园", "P", "public_institution"),
    ("社区卫生服务中心", "Q", "public_institution"), ("养老院", "Q", "social_organisation"),
    ("社会工作服务社", "Q", "social_organisation"), ("职业培训学校", "P", "social_organisation"),
)  # fmt: skip
RETURNED_FOR = (
    "工会负责人请填写现任主席姓名，并核对联系电话。",
    "单位地址与证照不一致，请按证照上的地址填写。",
    "职工人数与大统计库相差较大，请核实后重新提交。",
    "建会日期请按上级批复的日期填写。",
    "经济类型与证照不符，请核对后重新选择。",
)
APPROVED_WITH = ("", "", "", "同意。", "资料齐全，同意。", "经核对，与证照一致，同意。")
CARDS_RETURNED_FOR = ("名单中有已离职的人员，请核对后重新提交。", "请先核对联系地址，再提交办卡。")
RELEASED_WITH = ("同意转出。", "已办理离职手续，同意转出。", "劳动关系已转移，同意。")
KEPT_FOR = ("仍在我单位工作，劳动合同未到期。", "本人没有提出转会，请与本人核实。")
MOVED_FOR = ("单位搬迁，注册地址已变更。", "按产业归口管理的要求调整。", "划入新的街镇管理。")


def employer(chance: Random, area: str) -> tuple[str, str, str]:
    """(name, economic type, industry) of an employer in that district."""
    word = chance.choice(FIRST) + chance.choice(SECOND)
    if chance.random() < 0.1:
        what, industry, kind = chance.choice(INSTITUTIONS)
        return f"上海市{area}{word}{what}", kind, industry
    form, kind = chance.choice(FORMS)
    trade, industry = chance.choice(TRADES)
    return f"上海{word}{chance.choice(SECOND) if chance.random() < 0.5 else ''}{trade}{form}", kind, industry


def address(chance: Random, area: str) -> str:
    """A unit's address in that district."""
    return f"上海市{area}{chance.choice(STREETS)}{chance.randint(1, 1999)}号{chance.randint(1, 32)}楼"
