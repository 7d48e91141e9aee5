"""The preflight: every rule for a member's card, each with its sentence and the page to correct it (SPEC 4.2, 4.3).

The list calls it for its rows, the action under the lock, the review before approval, and the order before the file
is written. A fixed number of queries for any number of members.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.urls import reverse
from django.utils.timezone import localdate

from gonghui.cards.applications.names import is_foreign, needs_agreement, rare_characters
from gonghui.cards.models import AgreedName, Application, Card
from gonghui.cards.states import LIVE, MAKING, OPEN, CardState, Purpose
from gonghui.codelists.queries import label
from gonghui.kit import crypto
from gonghui.kit.documents import Invalid, check_document, check_mobile
from gonghui.members.codes import DocumentType
from gonghui.members.field import CARD_ADDRESS
from gonghui.members.fields import MemberValues
from gonghui.members.hooks import pending_departures
from gonghui.members.models import Member
from gonghui.members.standings import PERMISSIONS, StandingState
from gonghui.members.states import CorrectionState


@dataclass(frozen=True)
class Obstacle:
    """One problem (a sentence without its full stop), and the page to correct it, with the text of the link."""

    text: str
    url: str = ""
    link: str = ""
    calm: bool = False  # nothing is wrong: it only takes time


@dataclass
class Checked:
    """One member: the data of the card, and all problems."""

    member: Member
    foreign: bool
    special: bool  # 是否特殊: the card shows another name, by rule or by the officer's choice
    agreed: str
    card: Card | None = None
    problems: list[Obstacle] = field(default_factory=list)

    @property
    def printed_name(self) -> str:
        return self.agreed or self.member.name

    @property
    def by_choice(self) -> bool:
        """Special by the officer's choice."""
        return self.special and not needs_agreement(self.member.name, self.member.document_type)

    @property
    def ok(self) -> bool:
        return not self.problems

    @property
    def reasons(self) -> str:
        return "；".join(problem.text for problem in self.problems)


def examine(members: Sequence[Member], purpose: str = Purpose.NEW, *, asked: bool = False) -> dict[int, Checked]:
    """Checks the members; returns the results by id. ``asked``: their open batch is the one that is checked."""
    ids = [member.pk for member in members]
    agreed = {agreed_name.member_id: agreed_name for agreed_name in AgreedName.objects.filter(member__in=ids)}
    cards = {card.member_id: card for card in Card.objects.filter(member__in=ids, state__in=LIVE)}
    applications = Application.objects.filter(member__in=ids, state__in=OPEN).select_related("batch")
    under_way = {} if asked else {application.member_id: application for application in applications}
    leaving = {} if asked else pending_departures(ids)  # in production the card prevents the transfer
    results = {}
    for member in members:
        checked = _checked(member, agreed.get(member.pk))
        checked.card = cards.get(member.pk)
        if purpose in MAKING:
            checked.problems += value_problems(member, checked)
        checked.problems += [
            *_card_problems(checked, purpose, asked=asked),
            *_standing_problems(checked, purpose, under_way, leaving),
        ]
        results[member.pk] = checked
    return results


def _checked(member: Member, agreed: AgreedName | None) -> Checked:
    """An agreed name counts only for the name for which it was agreed. Then the member is special in any case."""
    name = agreed.name if agreed and agreed.for_name == member.name else ""
    special = needs_agreement(member.name, member.document_type) or bool(name)
    return Checked(member, is_foreign(member.document_type), special, name)


def value_problems(member: Member, checked: Checked) -> list[Obstacle]:
    """Returns the problems of the values themselves; without queries."""
    edit = reverse("members:edit", args=[member.pk])
    texts = [*_address_problems(member), *_document_problems(member, localdate()), *_mobile_problems(member)]
    if member.born_on is None:
        texts.append("没有出生日期")
    problems = [Obstacle(text, edit, "去修改") for text in texts]
    if checked.special and not checked.agreed:
        rare = "、".join(f"“{char}”" for char in rare_characters(member.name))
        sentence = (
            "外籍人士需要 8 个以内英文字符的约定姓名" if checked.foreign else f"姓名中有生僻字{rare}，需要约定姓名"
        )
        problems.append(Obstacle(sentence, reverse("cards:agree", args=[member.pk]), "填写约定姓名"))
    return problems


def _address_problems(member: Member) -> list[str]:
    address = member.address
    if not address:
        return ["没有填写联系地址"]
    if len(address) > CARD_ADDRESS:
        return [f"联系地址不能超过{CARD_ADDRESS}个字符，现在是 {len(address)} 个"]
    try:
        address.encode("gb18030")
    except UnicodeEncodeError:
        return ["联系地址中有制卡文件不能写入的字符"]
    return []


def _document_problems(member: Member, today: date) -> list[str]:
    try:
        check_document(member.document_type, member.document_number)
    except Invalid as invalid:
        return [invalid.sentence.removesuffix("。")]
    if member.expires_on and member.expires_on < today:
        document = label(DocumentType, member.document_type)
        return [f"{document}已于 {member.expires_on:%Y-%m-%d} 到期，请换证后更新有效期"]
    return []


def _mobile_problems(member: Member) -> list[str]:
    mobile = member.mobile
    if not mobile:
        return ["没有填写移动电话"]
    try:
        check_mobile(mobile)
    except Invalid:
        return ["移动电话不是 11 位手机号码"]
    return []


def _card_problems(checked: Checked, purpose: str, *, asked: bool) -> list[Obstacle]:
    if purpose == Purpose.NEW:
        if checked.card or checked.member.has_card:
            return [Obstacle("已办会员服务卡", reverse("cards:holders"), "查看会员卡")]
        return []
    if checked.card is None:
        sentence = (
            "平台上没有这张卡的资料（平台启用以前办的卡），请联系市总工会"
            if checked.member.has_card
            else "没有会员服务卡"
        )
        return [Obstacle(sentence)]
    if purpose == Purpose.LOSS and not asked and checked.card.state == CardState.LOST:
        return [Obstacle("这张卡已经挂失，如需新卡请补办")]
    return []


def _standing_problems(
    checked: Checked, purpose: str, under_way: Mapping[int, Application], leaving: Mapping[int, str]
) -> list[Obstacle]:
    obstacles = []
    if purpose in MAKING and not PERMISSIONS[checked.member.standing].card:
        url = reverse("members:view", args=[checked.member.pk])
        words = f"会籍是“{StandingState(checked.member.standing).label}”，恢复会籍后才能办卡"
        obstacles.append(Obstacle(words, url, "查看会员"))
    if other := under_way.get(checked.member.pk):
        url = reverse("cards:batch", args=[other.batch_id])
        obstacles.append(Obstacle(f"已在 {other.batch}批次中（{other.state_label}）", url, "查看批次", calm=True))
    if purpose in MAKING and checked.member.correction == CorrectionState.PENDING:
        url = reverse("members:view", args=[checked.member.pk])
        obstacles.append(Obstacle("信息修改正在等待上级工会审核", url, "查看修改"))
    if purpose in MAKING and (reason := leaving.get(checked.member.pk)):
        obstacles.append(Obstacle(reason, reverse("members:view", args=[checked.member.pk]), "查看会员"))
    return obstacles


def seen(member: Member | MemberValues) -> bytes:
    """Returns a keyed hash of the data on a card: name, document, birth date."""
    values = (member.name, member.document_type, member.document_number, member.born_on)
    return crypto.fingerprint("\n".join(map(str, values)))
