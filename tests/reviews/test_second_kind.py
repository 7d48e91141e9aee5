"""The engine knows no business: another kind of request goes the whole way, and its union's page shows it, by its class alone."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

import gonghui.reviews
from gonghui.accounts.models import User
from gonghui.kit.errors import Refused
from gonghui.notices.actions import notify_officers
from gonghui.notices.models import Notice
from gonghui.reviews.actions import decide, submit
from gonghui.reviews.hooks import KINDS
from gonghui.reviews.kinds import Change, Check, ReviewKind
from gonghui.reviews.models import Phrase, Review, ReviewPart, Step
from gonghui.unions.hooks import blockers
from gonghui.unions.models import Employer
from tests.people import Cast
from tests.world import read

pytestmark = pytest.mark.django_db

NEW = "上海示例新材料有限公司"


class NamingKind(ReviewKind):
    """Another name of a union's employer."""

    code = "naming"
    label = "单位名称核准"
    titled_by_employer = True
    old_heading = "现用名称"
    live_note = "核准之前，原来的名称仍然有效"

    def changes(self, review: Review) -> Sequence[Change]:
        return [Change("单位名称", review.base["name"], review.proposed["name"])]

    def checks(self, review: Review, known: None) -> Sequence[Check]:
        taken = Employer.objects.filter(name=review.proposed["name"]).exists()
        return [Check("bad", "已有同名单位") if taken else Check("ok", "没有同名单位")]

    def on_approved(self, review: Review, step: Step, *, by: User) -> None:
        employer = Employer.objects.get(union=review.union)
        if employer.name != review.base["name"]:
            raise Refused("名称已有变化，不能通过。")
        employer.name = review.proposed["name"]
        employer.save()
        notify_officers([review.union_id], "名称已核准", body=step.opinion)

    def on_refused(self, review: Review, step: Step, *, by: User) -> None:
        notify_officers([review.union_id], "名称没有核准", body=step.opinion)

    def on_withdrawn(self, review: Review, *, by: User) -> None:
        """Nothing has changed yet."""


@pytest.fixture(autouse=True)
def kind(monkeypatch) -> None:
    """Known in this file alone."""
    monkeypatch.setitem(KINDS, NamingKind.code, NamingKind())


def asked(cast: Cast) -> Review:
    with transaction.atomic():
        return submit(
            NamingKind,
            union=cast.union,
            title=cast.union.employer.name,
            superiors={ReviewPart.SUPERIOR: cast.street},
            proposed={"name": NEW},
            base={"name": cast.union.employer.name},
            by=cast.officer,
        )


def signed_in(client: Client, who: User) -> Client:
    client.force_login(who)
    return client


def main(client: Client, name: str, *args: int) -> str:
    """The page without the menu."""
    return client.get(reverse(name, args=args)).text.split("<main")[1].split("</main>")[0]


def test_the_desk_lists_it_and_its_page_compares_and_checks(client, cast):
    review = asked(cast)
    desk = signed_in(client, cast.reviewer).get(reverse("reviews:desk"), {"kind": "naming"}).text
    assert desk.count("单位名称核准") >= 2  # in the row and in the filter
    page = main(client, "reviews:review", review.pk)
    for words in ("单位名称核准", "现用名称", NEW, "没有同名单位"):
        assert words in page
    assert cast.reviewer.notices.get().title.startswith("单位名称核准待审核：")


def test_its_unions_page_shows_it_and_takes_it_back(client, cast):
    review = asked(cast)
    page = main(signed_in(client, cast.officer), "filings:own")
    for words in ("单位名称核准", "核准之前，原来的名称仍然有效", "撤回申请", "提交单位名称核准"):
        assert words in page
    assert "单位名称核准" in blockers(cast.union)[0].text
    client.post(reverse("filings:withdraw", args=[review.pk]))
    review.refresh_from_db()
    assert review.state == "withdrawn"
    assert "撤回单位名称核准" in main(client, "filings:own")


def test_approval_does_what_the_kind_says_and_tells(client, cast):
    review = asked(cast)
    data = {"decision": "approved", "opinion": "证照齐全", "save_phrase": "1"}
    signed_in(client, cast.reviewer).post(reverse("reviews:decide", args=[review.pk]), data)
    assert Employer.objects.get(union=cast.union).name == NEW
    assert Notice.objects.get(user=cast.officer).body == "证照齐全"
    assert Phrase.objects.get().kind == "naming"
    assert "单位名称核准审核通过" in main(signed_in(client, cast.officer), "filings:own")


def test_a_refusal_tells_the_opinion_and_changes_nothing(cast):
    old = cast.union.employer.name
    decide(asked(cast), decision="refused", opinion="请附营业执照", by=cast.reviewer)
    assert Employer.objects.get(union=cast.union).name == old
    assert Notice.objects.get(user=cast.officer).body == "请附营业执照"


def test_what_changed_meanwhile_is_not_approved(cast):
    review = asked(cast)
    Employer.objects.filter(union=cast.union).update(name="上海另名有限公司")
    with pytest.raises(Refused, match="名称已有变化"):
        decide(review, decision="approved", opinion="", by=cast.reviewer)
    review.refresh_from_db()
    assert review.state == "pending"


def test_the_list_taken_along_and_the_audit_name_it(client, cast):
    asked(cast)
    sheet = read(signed_in(client, cast.reviewer).post(reverse("reviews:export")))
    assert sheet.streaming
    audit = main(signed_in(client, cast.platform_admin), "audit:search")
    assert "类型：单位名称核准" in audit


def test_no_page_asks_which_kind_it_shows():
    """What is said of one kind stands in its class: a template that compares codes would not know the next one."""
    folder = Path(gonghui.reviews.__file__).parents[1]
    texts = {path: path.read_text() for path in folder.rglob("*.html")}
    codes = "|".join(KINDS)
    assert [path.name for path, text in texts.items() if re.search(rf'kind == "({codes})"', text)] == []


def test_the_engine_has_no_word_of_a_business():
    words = re.compile("会员|填报|认领|转移|服务卡|年检|gonghui.(?:filings|members|transfers|cards)")
    folder = Path(gonghui.reviews.__file__).parent
    texts = [path for path in folder.rglob("*") if path.suffix in (".py", ".html") and "migrations" not in path.parts]
    assert len(texts) > 20
    assert [(path.name, word) for path in texts for word in words.findall(path.read_text())] == []
