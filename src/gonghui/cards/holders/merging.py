"""What becomes of cards when two records of one person are merged (`members.hooks.RECORDS`)."""

from django.db.models import Q

from gonghui.cards.card_states import refresh_has_card
from gonghui.cards.models import Application, Card
from gonghui.cards.states import LIVE
from gonghui.members.hooks import Records


def _two_live(main: int, other: int) -> str:
    live = Card.objects.filter(member__in=[main, other], state__in=LIVE).count()
    return "两条记录都有有效的会员服务卡，请先在“会员服务卡管理”中注销其中一张" if live > 1 else ""


def _of_one_batch(main: int) -> Q:
    return Q(batch__in=Application.objects.filter(member=main).values("batch"))


CARDS = Records(Card, clash=_two_live, moved=refresh_has_card)
APPLICATIONS = Records(Application, stays=_of_one_batch)
