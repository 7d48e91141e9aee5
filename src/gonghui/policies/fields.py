"""The rules that superiors set, in one table: column, constraint, form, page, audit and docs/operations.md are made of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

CARDS = ("期限", "登录", "限额", "导出", "统计")
"""The parts of the page, in its order."""


@dataclass(frozen=True, kw_only=True)
class PolicyField:
    """``name`` is its column in ``Policy``; ``default`` holds while the city has set nothing, ``source`` is where the
    default comes from. ``below``: districts and bureaus may set it too, but only stricter; else it is the city's alone.
    """

    name: str
    card: str
    label: str
    help: str
    default: Callable[[], Any]
    source: str
    below: bool = False

    def holds(self, set_by_city: Any) -> Any:
        """What holds in the whole city by what the city has set (None: nothing)."""
        return self.default() if set_by_city is None else set_by_city

    def column(self) -> models.Field:
        raise NotImplementedError

    @property
    def possible(self) -> Q | None:
        """The condition of the database's constraint; None where the column's type says it all."""
        return None

    def problem(self, value: Any) -> str:
        """What is wrong with a value, and what would be right; "" if nothing is."""
        raise NotImplementedError

    def text(self, value: Any) -> str:
        """A value in words; "" for none."""
        raise NotImplementedError

    @property
    def range(self) -> str:
        """The values that are possible, in words."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Number(PolicyField):
    """``why``: what would happen below the lowest value."""

    unit: str
    lowest: int
    highest: int
    why: str = ""

    def column(self) -> models.Field:
        small = self.highest <= 32_767
        return (models.PositiveSmallIntegerField if small else models.PositiveIntegerField)(self.label, null=True)

    @property
    def possible(self) -> Q:
        return Q((self.name, None)) | Q((f"{self.name}__range", (self.lowest, self.highest)))

    def problem(self, value: Any) -> str:
        if self.lowest <= value <= self.highest:
            return ""
        return f"“{self.label}”应为 {self.range}。{self.why if value < self.lowest else ''}"

    def text(self, value: Any) -> str:
        return "" if value is None else f"{value:,} {self.unit}"

    @property
    def range(self) -> str:
        return f"{self.lowest} 至 {self.highest:,} {self.unit}"


@dataclass(frozen=True, kw_only=True)
class Switch(PolicyField):
    """Yes or no. Where the operator demands it (``default``), nobody switches it off."""

    words: Mapping[bool, str] = field(default_factory=lambda: {True: "要求", False: "不要求"})

    @property
    def is_demanded(self) -> bool:
        return bool(self.default())

    def holds(self, set_by_city: Any) -> Any:
        return self.is_demanded or bool(set_by_city)

    def column(self) -> models.Field:
        return models.BooleanField(self.label, null=True)

    def problem(self, value: Any) -> str:
        demanded = self.is_demanded and not value
        return f"“{self.label}”由平台的运维人员规定为{self.words[True]}，不能关闭。" if demanded else ""

    def text(self, value: Any) -> str:
        return "" if value is None else self.words[bool(value)]

    @property
    def range(self) -> str:
        return "、".join(self.words.values())


def _environment(name: str) -> Callable[[], Any]:
    return lambda: getattr(settings.ENVIRONMENT, name)


_ALL: Sequence[PolicyField] = (
    Number(
        name="transfer_days",
        card="期限",
        label="会员转移审核期限",
        help="基层工会要在这些天内答复会员的转入申请或接收转来的会员，逾期的转入申请由上级工会审核；只影响以后提出的申请。",
        unit="天",
        lowest=1,
        highest=365,
        default=_environment("transfer_days"),
        source="GONGHUI_TRANSFER_DAYS",
        below=True,
    ),
    Number(
        name="merge_days",
        card="期限",
        label="重复会员合并答复期限",
        help="基层工会要在这些天内答复重复会员的合并请求，逾期的由能同时管理两名会员的最近一级上级工会决定；只影响以后提出的请求。",
        unit="天",
        lowest=1,
        highest=365,
        default=lambda: 15,
        source="built in",
        below=True,
    ),
    Number(
        name="reelection_days",
        card="期限",
        label="换届提醒提前",
        help="换届日期前这些天起，工会列入“临近换届”并第一次提醒经办人，到 90 天、30 天时再各提醒一次。",
        unit="天",
        lowest=30,
        highest=365,
        why="太晚提醒，来不及筹备换届。",
        default=lambda: 180,
        source="built in",
    ),
    Number(
        name="certificate_days",
        card="期限",
        label="证书到期提醒提前",
        help="工会法人证书到期前这些天起，工会列入“证书临近到期”并第一次提醒经办人，到 30 天时再提醒一次。",
        unit="天",
        lowest=30,
        highest=365,
        why="太晚提醒，来不及换领证书。",
        default=lambda: 60,
        source="built in",
    ),
    Number(
        name="take_back_minutes",
        card="期限",
        label="批量审核撤回时间",
        help="批量审核的决定过这些分钟才生效，在此之前审核人可以撤回；只影响以后的批量审核。",
        unit="分钟",
        lowest=1,
        highest=60,
        why="没有时间撤回，点错了就无法挽回。",
        default=lambda: 5,
        source="built in",
    ),
    Number(
        name="idle_minutes",
        card="登录",
        label="无操作自动退出",
        help="登录后这些分钟没有操作的，自动退出登录。",
        unit="分钟",
        lowest=5,
        highest=480,
        why="时间太短，填一张表就会退出登录，管理员也来不及改回来。",
        default=_environment("idle_minutes"),
        source="GONGHUI_IDLE_MINUTES",
    ),
    Number(
        name="session_hours",
        card="登录",
        label="一次登录最长",
        help="一直在操作的，登录满这些小时也要重新登录。",
        unit="小时",
        lowest=1,
        highest=72,
        why="时间太短，管理员也来不及改回来。",
        default=_environment("session_hours"),
        source="GONGHUI_SESSION_HOURS",
    ),
    Switch(
        name="superiors_need_totp",
        card="登录",
        label="上级工会账号使用动态口令",
        help="要求的，市、区局、街镇（公司）工会的账号要先启用动态口令，才能使用平台的其他页面。",
        default=_environment("superiors_need_totp"),
        source="GONGHUI_SUPERIORS_NEED_TOTP",
    ),
    Number(
        name="lookup_misses",
        card="限额",
        label="每天姓名与证件号码不相符",
        help="一家工会新增、导入、修改、转入会员时，一天内填写的姓名与证件号码不相符达到这个次数，当天不能再查找人员。",
        unit="次",
        lowest=5,
        highest=10_000,
        why="次数太少，打错几个字就不能再办理。",
        default=_environment("lookup_misses"),
        source="GONGHUI_LOOKUP_MISSES",
        below=True,
    ),
    Number(
        name="code_lookups",
        card="限额",
        label="每天查询其他组织机构代码",
        help="一家工会一天内可以按这么多个其他单位的代码查询人员，本单位的代码不计。",
        unit="个",
        lowest=1,
        highest=1_000,
        default=_environment("code_lookups"),
        source="GONGHUI_CODE_LOOKUPS",
        below=True,
    ),
    Number(
        name="export_rows",
        card="导出",
        label="一次导出完整证件号码",
        help="会员名单、保险名单一次最多导出这么多行完整的证件号码；遮盖号码的名单、全国采集表和制卡文件不受此限。",
        unit="行",
        lowest=10,
        highest=100_000,  # what one workbook of members holds in any case
        default=lambda: 100_000,
        source="built in",
        below=True,
    ),
    Number(
        name="export_alone_rows",
        card="导出",
        label="一人可以导出的完整证件号码",
        help="会员名单、保险名单、信息采集表和制卡文件的完整证件号码超过这么多行的，须由本工会另一位同事批准；本工会只有一人的，由上级工会批准。",
        unit="行",
        lowest=1,
        highest=100_000,
        default=lambda: 500,
        source="built in",
        below=True,
    ),
    Number(
        name="organised_from",
        card="统计",
        label="应建会单位的职工人数",
        help="大统计库中职工达到这个人数的单位，是建会率中的应建会单位；只影响以后结账的统计数。",
        unit="人",
        lowest=1,
        highest=1_000,
        default=lambda: 25,
        source="built in",
    ),
)
FIELDS: dict[str, PolicyField] = {one.name: one for one in _ALL}
