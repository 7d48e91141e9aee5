"""Open notices are grouped by the kind of task, and disappear from bell, page and daily mail when it is done (SPEC
7.1).
"""

from collections.abc import Callable
from functools import partial

import pytest

from gonghui.accounts.models import Role, User
from gonghui.bookings.places.actions import accept_offer, withdraw_places
from gonghui.bookings.self_checks.actions import decide_self_check
from gonghui.cards.applications.actions import close_members
from gonghui.cards.holders.actions import issue_cards
from gonghui.cards.orders.actions import export_order
from gonghui.circulars.receipts.actions import confirm
from gonghui.duplicates.actions import answer as answer_merge
from gonghui.duplicates.overdue import decide as decide_merge
from gonghui.filings.deadlines import DEADLINES
from gonghui.filings.reminders.actions import remind_due
from gonghui.inspections.models import Subject, Window
from gonghui.notices.actions import mark_read, notify, settle
from gonghui.notices.groups import COUNTED, groups_of
from gonghui.notices.hooks import task_kinds
from gonghui.notices.models import Mail, MailChoice, Notice
from gonghui.notices.queries import unread
from gonghui.notices.settings import save_setting, send_digests
from gonghui.publishing.articles.actions import publish_article
from gonghui.reviews.actions import decide
from gonghui.reviews.models import Review
from gonghui.transfers.expulsions.actions import acknowledge
from tests.bookings.stories import booked, open_offer, published, sent
from tests.cards.stories import answer, approved, exported, gathered, made, only, read
from tests.circulars.stories import sent as circular
from tests.duplicates.stories import merged, paired, silent
from tests.exports.stories import approved as approve_list
from tests.exports.stories import colleague as second_officer
from tests.exports.stories import pending
from tests.factories import make_member, make_user
from tests.filings.reminders.test_actions import due
from tests.filings.stories import amended, dissolved, relocated, returned, submitted
from tests.filings.stories import approved as approve
from tests.inspections.reminders.test_actions import tell
from tests.inspections.stories import confirmed, filled_in, opened
from tests.people import Cast
from tests.publishing.stories import colleague
from tests.publishing.stories import submitted as article_submitted
from tests.reviews.test_opinions import STORIES as REVIEWS
from tests.transfers.stories import agreed, ended, offered, requested
from tests.yearbooks import stories as yearbooks

pytestmark = pytest.mark.django_db

FILINGS = "review.filing"
Done = Callable[[], object]


def a_review(story: Callable[[Cast], Review], cast: Cast) -> tuple[User, Done]:
    review = story(cast)
    return cast.reviewer, partial(decide, review, decision="refused", opinion="号码不清楚", by=cast.reviewer)


def a_returned_filing(cast: Cast) -> tuple[User, Done]:
    returned(cast)
    return cast.newcomer, partial(submitted, cast)


def a_request(cast: Cast) -> tuple[User, Done]:
    return cast.officer, partial(agreed, requested(cast, make_member(cast.union)), by=cast.officer)


def an_offer(cast: Cast) -> tuple[User, Done]:
    return cast.neighbour_officer, partial(agreed, *offered(cast, make_member(cast.union)), by=cast.neighbour_officer)


def an_inspection(subject: str, cast: Cast) -> tuple[User, Done]:
    filled_in(cast.union)
    make_member(cast.union)
    window: Window = opened(cast, subject=subject)
    tell(window.mailings.get())
    return cast.officer, partial(confirmed, cast, window)


def a_made_card(cast: Cast) -> tuple[User, Done]:
    return cast.officer, partial(issue_cards, made(cast), None, by=cast.officer)


def a_failed_card(cast: Cast) -> tuple[User, Done]:
    batch = approved(cast)
    order = exported(cast, batch)
    read(cast, order, answer(order, failed=[1]))
    return cast.officer, partial(close_members, batch, [only(batch).pk], by=cast.officer)


def a_built_order(cast: Cast) -> tuple[User, Done]:
    return cast.platform_admin, partial(export_order, gathered(cast, approved(cast)), by=cast.platform_admin)


def an_expulsion(cast: Cast) -> tuple[User, Done]:
    expulsion = ended(cast, make_member(cast.union), "expelled")
    return cast.reviewer, partial(acknowledge, [expulsion.pk], by=cast.reviewer)


def a_freed_place(cast: Cast) -> tuple[User, Done]:
    programme = published(cast, capacity=1)
    first, second = (booked(by, programme, 1) for by in (cast.officer, cast.neighbour_officer))
    withdraw_places([first.places.get().pk], by=cast.officer)
    return cast.neighbour_officer, partial(accept_offer, open_offer(second), by=cast.neighbour_officer)


def an_invoice(cast: Cast) -> tuple[User, Done]:
    checkup = published(cast, by=cast.district_admin, publisher=cast.district, kind="checkup", self_check_price=300)
    check = sent(cast.officer, checkup, make_member(cast.union))
    return cast.district_admin, partial(decide_self_check, check, accepted=True, by=cast.district_admin)


def a_circular(cast: Cast) -> tuple[User, Done]:
    return cast.officer, partial(confirm, circular(cast, confirm=True), by=cast.officer)


def a_day(work: Callable[[Cast], object], code: str, cast: Cast) -> tuple[User, Done]:
    due(cast.union, DEADLINES[code], 20)
    remind_due()

    def done() -> None:
        work(cast)
        mark_read(cast.officer.notices.get(kind=""))  # the answer

    return cast.officer, done


def an_article(cast: Cast) -> tuple[User, Done]:
    other, article = colleague(cast), article_submitted(cast)
    return other, partial(publish_article, article, version=article.version, by=other)


def a_list(cast: Cast) -> tuple[User, Done]:
    second = second_officer(cast)
    export = pending(cast)
    return second, partial(approve_list, export, by=second)


def a_duplicate(cast: Cast) -> tuple[User, Done]:
    merge = merged(paired(cast.union, cast.neighbour), cast.district_admin)
    assert merge.releasing is not None
    asked = cast.officer if merge.releasing == cast.union else cast.neighbour_officer
    return asked, partial(answer_merge, merge, agree=True, opinion="", by=asked)


def an_overdue_duplicate(cast: Cast) -> tuple[User, Done]:
    merge = silent(paired(cast.union, cast.neighbour), cast.platform_admin)
    return cast.district_admin, partial(decide_merge, merge, agree=True, opinion="", by=cast.district_admin)


def a_sheet(cast: Cast) -> tuple[User, Done]:
    yearbooks.opened(cast)
    return cast.reviewer, partial(yearbooks.street_signed, cast)


STORIES: dict[str, Callable[[Cast], tuple[User, Done]]] = {
    **{f"review.{code}": partial(a_review, story) for code, story in REVIEWS.items()},
    "review.amendment": partial(a_review, lambda cast: amended(cast, leader="赵示例").review),
    "review.relocation": partial(a_review, lambda cast: relocated(cast).review),
    "return.filing": a_returned_filing,
    "filing.reelection": partial(a_day, lambda cast: approve(amended(cast).review, cast.reviewer), "reelection"),
    "filing.certificate": partial(a_day, dissolved, "certificate"),
    "transfer.request": a_request,
    "transfer.offer": an_offer,
    "transfer.expelled": an_expulsion,
    "inspection.organisations": partial(an_inspection, Subject.ORGANISATIONS),
    "inspection.members": partial(an_inspection, Subject.MEMBERS),
    "cards.made": a_made_card,
    "cards.failed": a_failed_card,
    "cards.order": a_built_order,
    "booking.offer": a_freed_place,
    "booking.selfcheck": an_invoice,
    "circular": a_circular,
    "publishing.article": an_article,
    "export": a_list,
    "duplicates.consent": a_duplicate,
    "duplicates.decision": an_overdue_duplicate,
    "yearbook": a_sheet,
}


def test_every_kind_of_task_has_its_story():
    assert set(STORIES) == {kind.code for kind in task_kinds()}


@pytest.mark.parametrize("kind", STORIES)
def test_the_bell_goes_down_by_working_whatever_was_asked(cast, kind):
    user, work = STORIES[kind](cast)
    waiting = Notice.objects.visible_to(user).open_of(kind)
    assert waiting.count() == 1
    assert waiting.get().tasks
    before = unread(user).count()
    work()
    assert not waiting.exists()
    assert unread(user).count() < before


@pytest.mark.parametrize("kind", task_kinds(), ids=lambda kind: kind.code)
def test_every_group_leads_to_a_page_of_ours(cast, client, kind):
    """As who works there sees it."""
    reader = {
        "review": cast.reviewer,
        "booking.selfcheck": cast.district_admin,
        "cards.order": cast.platform_admin,
        "publishing": cast.platform_admin,
        "transfer.expelled": cast.reviewer,
        "yearbook": cast.reviewer,
    }
    client.force_login(reader.get(kind.code) or reader.get(kind.code.partition(".")[0]) or cast.officer)
    assert client.get(kind.url).status_code in {200, 302}


def asked(user: User, count: int, kind: str = FILINGS) -> None:
    for number in range(count):
        notify([user], f"第 {number} 家工会待审核", tasks=[f"review:{number}:superior"], kind=kind, mail=False)


def test_three_hundred_of_a_kind_are_one_line_with_the_newest(cast, client):
    notify([cast.reviewer], "别的事", mail=False)
    asked(cast.reviewer, 300)
    client.force_login(cast.reviewer)
    response = client.get("/notices/")
    assert "工会填报待审核 300 件" in response.text
    assert "第 299 家工会" in response.text
    assert "/reviews/?kind=filing" in response.text
    assert [notice.title for notice in response.context["page"].rows] == ["别的事"]
    single = client.get("/notices/", {"kind": FILINGS}).context["page"]
    assert (single.total, single.rows[0].title) == (300, "第 299 家工会待审核")


def test_a_group_shrinks_with_the_work_and_the_last_one_stands_alone(cast, client):
    asked(cast.reviewer, 3)
    settle(["review:0:superior"])
    assert [group.count for group in groups_of(cast.reviewer)] == [2]
    settle(["review:1:superior"])
    assert groups_of(cast.reviewer) == []
    client.force_login(cast.reviewer)
    assert client.get("/notices/").context["page"].total == 3


def test_reminders_of_the_same_count_once_and_a_notice_of_several_for_each(cast):
    for _ in range(2):
        notify([cast.officer], "请审核", tasks=["transfer:1", "transfer:2"], kind="transfer.request", mail=False)
    (group,) = groups_of(cast.officer)
    assert group.count == 2


def test_a_group_is_counted_so_far_and_no_farther(cast, django_assert_num_queries):
    asked(cast.reviewer, 2)
    many = [f"review:{number}:superior" for number in range(COUNTED + 500)]
    notify([cast.reviewer], "许多", tasks=many, kind=FILINGS, mail=False)
    with django_assert_num_queries(2):
        (group,) = groups_of(cast.reviewer)
    assert group.counted == f"{COUNTED}+"


def test_a_group_is_of_ones_own_notices(cast):
    colleague = make_user(cast.street, Role.REVIEWER)
    asked(colleague, 2)
    assert groups_of(cast.reviewer) == []


def test_an_unknown_kind_lists_nothing(cast, client):
    asked(cast.reviewer, 2)
    client.force_login(cast.reviewer)
    response = client.get("/notices/?kind=nonsense")
    assert response.status_code == 422
    assert not response.context["page"].rows


def test_the_daily_mail_groups_as_the_page_does_and_leaves_out_what_is_done(cast):
    save_setting(cast.reviewer, mail=MailChoice.DAILY, silent=[])
    for number in range(70):
        tasks = [f"review:{number}:superior"]
        notify([cast.reviewer], f"第 {number} 家工会待审核", url="/reviews/", tasks=tasks, kind=FILINGS)
    notify([cast.reviewer], "别的事", url="/reviews/")
    settle(["review:69:superior"])
    assert send_digests() == 1
    mail = Mail.objects.get()
    assert "您有 2 条通知" in mail.subject
    assert "待审核 69 件" in mail.body
    assert "别的事" in mail.body
    assert "家工会" not in mail.body


def test_a_day_whose_work_is_done_needs_no_mail(cast):
    save_setting(cast.reviewer, mail=MailChoice.DAILY, silent=[])
    notify([cast.reviewer], "待审核", tasks=["review:1:superior"], kind=FILINGS)
    settle(["review:1:superior"])
    assert send_digests() == 0
    assert not Notice.objects.filter(digest=True).exists()
