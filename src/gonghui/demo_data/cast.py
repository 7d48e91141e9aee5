"""Who and what the demo shows, as data: the accounts, and what became of forty unions. Loads nothing but the codes."""

from dataclasses import dataclass

PASSWORD = "Demo-2026-gonghui"

CITY, YANGPU, WUJIAOCHANG, XINJIANGWAN, BUREAU, COMPANY = "000", "010", "010019", "010020", "060", "060001"


@dataclass(frozen=True)
class Account:
    """Somebody who acts for a superior union."""

    email: str
    union: str  # its code
    name: str
    roles: tuple[str, ...] = ("admin", "reviewer")


@dataclass(frozen=True)
class Story:
    """What became of one employer's union.

    ``days`` ago its last event happened: registered (unfiled, draft), submitted (pending), decided (all others).
    """

    superior: str  # the code of the level-3 union chosen
    end: str  # unfiled, draft, pending, returned, approved; and then: amending, relocating, dissolved
    days: int
    members: int = 0
    rounds: int = 1  # more than one: it was returned before
    email: str = ""
    employer: str = ""  # the name, else an invented one
    in_register: bool = True
    covers: int = 0  # of a joint union: how many employers it covers


@dataclass(frozen=True)
class Clinic:
    """Somebody of a 体检机构, which is of no union."""

    email: str
    name: str
    provider: str


SUPERIORS = (
    Account("city@demo.test", CITY, "周敏", ("platform_admin", "admin", "reviewer")),
    Account("yangpu@demo.test", YANGPU, "陆志强"),
    Account("wujiaochang@demo.test", WUJIAOCHANG, "沈洁"),
    Account("xinjiangwan@demo.test", XINJIANGWAN, "顾文斌"),
    Account("bureau@demo.test", BUREAU, "严丽华"),
    Account("company@demo.test", COMPANY, "施建平"),
)
EDITOR = Account("editor@demo.test", CITY, "邵宁", ("admin",))
LOCAL_EDITOR = Account("yangpu-editor@demo.test", YANGPU, "贺晓燕", ("admin",))
OTHERS = (
    EDITOR,
    LOCAL_EDITOR,
    Account("viewer@demo.test", WUJIAOCHANG, "俞晨", ("viewer",)),
    Account("dinghai@demo.test", "010001", "倪芳"),
    Account("waitan@demo.test", "001013", "袁博"),
    Account("zhangjiang@demo.test", "015503", "蒋怡"),
    Account("xinzhuang@demo.test", "012501", "胡国平"),
    Account("yidian@demo.test", "061001", "郭秀兰"),
)

CLINIC = Clinic("clinic@demo.test", "冯雅琴", "杨浦职工健康体检中心")

UNION_A = Story(WUJIAOCHANG, "approved", 400, 1539, email="union-a@demo.test", employer="上海示例科技有限公司")
UNION_B = Story(XINJIANGWAN, "approved", 350, 58, email="union-b@demo.test", employer="上海示例软件有限公司")
UNION_C = Story(COMPANY, "approved", 500, 73, email="union-c@demo.test", employer="上海示例动力设备有限公司")
JOINT = Story(WUJIAOCHANG, "approved", 95, 64, email="joint@demo.test", covers=12)
OTHER_JOINT = Story(XINJIANGWAN, "approved", 150, 33, email="other-joint@demo.test", covers=3)
NEWCOMER = Story(WUJIAOCHANG, "unfiled", 0, email="new@demo.test", employer="上海示例餐饮管理有限公司")
STORIES = (
    UNION_A,
    UNION_B,
    UNION_C,
    NEWCOMER,
    *(Story(WUJIAOCHANG, "approved", days, members) for days, members in ((380, 86), (300, 42), (210, 27))),
    JOINT,
    Story(WUJIAOCHANG, "approved", 33, 18, rounds=2),
    Story(WUJIAOCHANG, "amending", 6, 22),
    Story(WUJIAOCHANG, "relocating", 8, 15),
    *(Story(WUJIAOCHANG, "pending", days) for days in (1, 2, 7, 11, 16, 20)),
    Story(WUJIAOCHANG, "pending", 4, rounds=2),
    Story(WUJIAOCHANG, "pending", 5, in_register=False),
    Story(WUJIAOCHANG, "returned", 3),
    Story(WUJIAOCHANG, "returned", 12),
    Story(WUJIAOCHANG, "dissolved", 60),
    OTHER_JOINT,
    Story(XINJIANGWAN, "approved", 40, 12),
    Story(XINJIANGWAN, "pending", 2),
    Story(XINJIANGWAN, "pending", 9, rounds=2),
    Story(XINJIANGWAN, "returned", 6),
    Story(XINJIANGWAN, "dissolved", 12, 9),
    Story(COMPANY, "approved", 120, 25),
    Story(COMPANY, "pending", 5),
    Story(COMPANY, "pending", 13),
    Story(COMPANY, "returned", 8),
    Story("010001", "approved", 260, 31),
    Story("010001", "pending", 3),
    Story("001013", "approved", 220, 47),
    Story("015503", "approved", 180, 92),
    Story("015503", "pending", 6),
    Story("012501", "approved", 75, 38),
    Story("061001", "approved", 140, 54),
    Story(XINJIANGWAN, "unfiled", 2),
    Story("015503", "unfiled", 9),
    Story(WUJIAOCHANG, "draft", 1),
)
TOLD = (
    ("city@demo.test", "市总工会：平台管理员、管理员、审核人"),
    (EDITOR.email, "市总工会：管理员，编辑门户"),
    ("yangpu@demo.test", "杨浦区总工会：管理员、审核人"),
    (LOCAL_EDITOR.email, "杨浦区总工会：管理员，编辑本区在门户的栏目"),
    ("wujiaochang@demo.test", "五角场街道工会：管理员、审核人"),
    ("xinjiangwan@demo.test", "新江湾城街道工会：管理员、审核人"),
    ("viewer@demo.test", "五角场街道工会：查看人"),
    ("bureau@demo.test", "上海市机电工会（产业局）：管理员、审核人"),
    ("company@demo.test", "动力设备公司工会：管理员、审核人"),
    (UNION_A.email, f"{UNION_A.employer}工会：经办人，1,535 名会员，属五角场街道"),
    (UNION_B.email, f"{UNION_B.employer}工会：经办人，属新江湾城街道"),
    (UNION_C.email, f"{UNION_C.employer}工会：经办人，属动力设备公司"),
    (JOINT.email, f"五角场街道的一家联合基层工会：经办人，涵盖 {JOINT.covers} 家单位"),
    (NEWCOMER.email, f"{NEWCOMER.employer}：经办人，尚未填报"),
    (CLINIC.email, f"{CLINIC.provider}：体检机构，首次登录要绑定动态口令"),
)
"""The accounts that the demo tells of, at least one for each role."""

CLAIMANT = "claim@demo.test"

REGISTERED = 5000
"""How many employers the demo's statistical register knows."""

RETURNED_FOR = (
    "工会负责人请填写现任主席姓名，并核对联系电话。",
    "单位地址与证照不一致，请按证照上的地址填写。",
    "职工人数与大统计库相差较大，请核实后重新提交。",
    "建会日期请按上级批复的日期填写。",
)
APPROVED_WITH = ("资料齐全，同意。", "", "经核对，与证照一致，同意建会。", "同意。")
