"""Invented people and employers for the demonstration and the tests: the same seed always gives the same result.

Different seeds below two million give different document numbers and unit codes; mobiles repeat after a million.
All check digits are right. No data is taken from a real record.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from stdnum.cn import uscc

from gonghui.kit.documents import SexLetter, id_check_digit, org_code_check_digit

PRIME = 15_485_863  # has no common factor with the spaces below, so steps of this size visit a whole space
CODE_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100
FIRST_BIRTH, BIRTH_DAYS = date(1966, 1, 1), 14_600  # to the end of 2005

_districts = """
310101:黄浦区 310104:徐汇区 310105:长宁区 310106:静安区 310107:普陀区 310109:虹口区
310110:杨浦区 310112:闵行区 310113:宝山区 310114:嘉定区 310115:浦东新区 310116:金山区
310117:松江区 310118:青浦区 310120:奉贤区 310151:崇明区
"""
DISTRICTS = dict(entry.split(":") for entry in _districts.split())
REGIONS = tuple(DISTRICTS)
STREETS = ("和谐路", "春晖路", "新芽路", "晴川路", "望江路", "梧桐里路", "银杏坊路", "曙光路", "同心路", "青禾路")
COMMON_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢"
RARE_SURNAMES = (
    "单", "仇", "解", "查", "盖", "朴", "区", "欧阳",
    "上官", "司徒", "诸葛", "尉迟", "万俟", "令狐", "长孙", "钭",
)  # fmt: skip
GIVEN = {
    "M": "伟强磊军勇杰涛明超辉刚平建国志华文斌宇浩鹏飞凯俊峰旭晨博毅翔",
    "F": "芳娜敏静丽艳娟霞秀英玲桂兰萍红梅琳雪颖佳慧婷莹洁倩雨欣怡悦蕾",
}
RARE_GIVEN = "喆堃玥垚昇翀燚琤珺祎𫖯𬱖"
WORDS = (
    "云帆", "瑞禾", "启明", "海砚", "澄川", "卓榕", "景澜", "恒岳",
    "沐阳", "锦程", "鼎睿", "汇泽", "众森", "朗诚", "逸晟", "博渊",
)  # fmt: skip
TRADES = (
    "机械设备", "信息科技", "食品", "物流", "服饰", "建筑工程",
    "医疗用品", "商务服务", "环境工程", "文化传播", "电子", "餐饮管理",
)  # fmt: skip
FORMS = ("有限公司", "有限公司", "有限公司", "股份有限公司", "合伙企业（有限合伙）")


@dataclass(frozen=True, slots=True)
class InventedPerson:
    """All data that a member's form needs; `resident_id` also contains `sex`."""

    name: str
    sex: SexLetter
    born_on: date
    resident_id: str
    mobile: str
    address: str


def invent_person(seed: int) -> InventedPerson:
    """Returns a person of working age with a resident ID of Shanghai and a mobile of the form 1990xxxxxxx."""
    chance = Random(seed)  # noqa: S311 (an invented person needs no secret)
    sex: SexLetter = "M" if chance.random() < 0.5 else "F"
    region, born_on, order = _place_and_day(seed)
    body = f"{region}{born_on:%Y%m%d}{2 * order + (sex == 'M'):03d}"
    return InventedPerson(
        name=_name(chance, sex),
        sex=sex,
        born_on=born_on,
        resident_id=body + id_check_digit(body),
        mobile=f"1990{seed % 1_000_000:07d}",
        address=f"上海市{DISTRICTS[region]}{chance.choice(STREETS)}{chance.randint(1, 999)}弄{chance.randint(1, 60)}号",
    )


def invent_org_code(seed: int) -> str:
    """Returns a 9-character organisation code (GB 11714); `invent_uscc` of the same seed contains it."""
    number, body = _spread(seed, 31**6), ""
    for _ in range(6):
        number, digit = divmod(number, 31)
        body += CODE_ALPHABET[digit]
    return f"MA{body}{org_code_check_digit(f'MA{body}')}"


def invent_uscc(seed: int, kind: str = "91") -> str:
    """Returns an 18-character unified social credit code (GB 32100) of an enterprise registered in Shanghai, or of what
    ``kind`` says (81: a grassroots union).
    """
    body = f"{kind}{REGIONS[seed % len(REGIONS)]}{invent_org_code(seed)}"
    return body + uscc.calc_check_digit(body)


def invent_employer_name(seed: int) -> str:
    """Returns a company's name; names repeat after 3,072 seeds."""
    number = _spread(seed, len(WORDS) ** 2 * len(TRADES))
    number, word = divmod(number, len(WORDS))
    trade, second = divmod(number, len(WORDS))
    return f"上海{WORDS[word]}{WORDS[second][1]}{TRADES[trade]}{FORMS[seed % len(FORMS)]}"


def _spread(seed: int, space: int) -> int:
    """Permutes the seeds below `space`, which must have no common factor with PRIME."""
    return (seed + 1) * PRIME % space


def _place_and_day(seed: int) -> tuple[str, date, int]:
    number = _spread(seed, len(REGIONS) * BIRTH_DAYS * 500)
    number, region = divmod(number, len(REGIONS))
    order, day = divmod(number, BIRTH_DAYS)
    return REGIONS[region], FIRST_BIRTH + timedelta(days=day), order


def _name(chance: Random, sex: SexLetter) -> str:
    dice = chance.random()
    # The list begins with the most frequent surnames: the product of two draws favours its beginning.
    rank = int(chance.random() * chance.random() * len(COMMON_SURNAMES))
    surname = chance.choice(RARE_SURNAMES) if dice < 0.05 else COMMON_SURNAMES[rank]
    given_name = "".join(chance.choices(GIVEN[sex], k=1 if dice > 0.8 else 2))
    return surname + (chance.choice(RARE_GIVEN) if 0.05 < dice < 0.06 else given_name)
