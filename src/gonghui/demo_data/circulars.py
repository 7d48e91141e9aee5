"""Work notices: the city's that is to be confirmed by all, a district's, a street's, and a draft."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.circulars.actions import Text, save_draft, send
from gonghui.circulars.deliveries.actions import deliver_next
from gonghui.circulars.models import Circular, Depth, Receipt
from gonghui.circulars.receipts.actions import confirm, mark_read
from gonghui.demo_data.backdating import days_ago
from gonghui.demo_data.cast import UNION_A
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union

REPORT = (
    "请各级工会做好本年度统计年报的准备工作。\n\n"
    "一、基层工会核对本单位职工人数、会员人数和工会负责人，有变动的在「组织管理」中提出修改。\n"
    "二、街镇、公司工会检查所辖工会有无漏报，换届到期的督促按期换届。\n"
    "三、区总工会和产业局工会汇总所辖情况，有疑问的与市总工会研究室联系。\n\n"
    "填报口径见操作手册。"
)
CANDIDATES = (
    "请各街镇工会推荐优秀工会工作者，每家不超过 2 名。\n\n"
    "推荐对象应从事工会工作满 3 年，近 3 年年检均按期完成。推荐材料寄区总工会组织部。"
)
WINTER = (
    "气温下降，请各单位工会提醒一线职工注意防寒保暖和用电安全，检查宿舍、食堂的取暖设备。\n\n"
    "有困难职工需要慰问的，请与街镇工会联系。"
)


def circulars() -> Iterator[datetime]:
    city, district, street = (_admin(email) for email in ("city", "yangpu", "wujiaochang"))
    yield days_ago(6, hour=9)
    report = _sent(city, "关于做好年度工会统计年报工作的通知", REPORT, due_on=localdate() + timedelta(days=12))
    yield days_ago(4, hour=14)
    _answered(report)
    yield days_ago(2, hour=10)
    _sent(district, "关于推荐优秀工会工作者的通知", CANDIDATES, depth=Depth.LEVEL3)
    yield days_ago(1, hour=11)
    _read(_sent(street, "冬季安全提示", WINTER))
    yield days_ago(1, hour=15)
    save_draft(
        _union(city), Text("关于元旦春节期间送温暖工作的通知（征求意见稿）", "内容待定。", Depth.LEVEL2), by=city
    )


def _sent(by: User, title: str, body: str, *, depth: int = Depth.GRASSROOTS, due_on: date | None = None) -> Circular:
    text = Text(title, body, depth, confirm=due_on is not None, due_on=due_on)
    draft = save_draft(_union(by), text, by=by)
    circular = send(draft, version=draft.version, by=by)
    while deliver_next(circular.deliveries.get().pk):
        """The next unions, as the job does."""
    return circular


def _answered(circular: Circular) -> None:
    """Two of three superiors have confirmed, and of the grassroots unions some."""
    for number, user in enumerate(_first_accounts(circular)):
        superior = user.union is not None and user.union.kind != UnionKind.GRASSROOTS
        if number % 3 if superior else number % 4 == 1:
            confirm(circular, by=user)
        elif number % 4 == 2:
            mark_read(Receipt.objects.get(circular=circular, union=user.union), by=user)


def _read(circular: Circular) -> None:
    for number, user in enumerate(_first_accounts(circular)):
        if number % 2:
            mark_read(Receipt.objects.get(circular=circular, union=user.union), by=user)


def _first_accounts(circular: Circular) -> list[User]:
    """One account a union; the first union's is the visitor's own, who has everything still to do."""
    users = User.objects.filter(union__in=circular.receipts.values("union"), is_active=True)
    first = users.exclude(union__employer__name=UNION_A.employer).order_by("union", "pk").distinct("union")
    return list(first.select_related("union"))


def _admin(name: str) -> User:
    return User.objects.select_related("union").get(email=f"{name}@demo.test")


def _union(user: User) -> Union:
    assert user.union  # noqa: S101 (the demo's own)
    return user.union
