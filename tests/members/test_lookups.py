"""All ways to look up people outside the union share one counter and one limit (SPEC 3.3-3.6)."""

import dataclasses
import re
import threading
import time
from collections.abc import Callable
from functools import partial

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse

from gonghui.audit.models import Entry
from gonghui.imports import actions as imports
from gonghui.imports.editing import edit_rows
from gonghui.imports.hooks import KINDS
from gonghui.imports.job import run_batch
from gonghui.imports.models import Batch, ImportState
from gonghui.kit.errors import Refused
from gonghui.members import lookups
from gonghui.members.memberships import move
from gonghui.members.models import Correction, Lookups, Member
from gonghui.members.register.actions import add_member, edit_member, version_of
from gonghui.members.validation import document_key
from gonghui.transfers.models import Transfer
from gonghui.transfers.requests.actions import request_member, upload_people
from gonghui.transfers.requests.matching import NOT_FOUND
from tests.factories import make_member, make_user, resident_id
from tests.filings.test_races import DONE, at_once
from tests.members.people import typed, values
from tests.people import Cast
from tests.test_architecture import SOURCES
from tests.transfers.stories import people_file
from tests.workbooks import COLUMNS, member_row, upload

pytestmark = pytest.mark.django_db
WORKBOOK = KINDS["members"]
NAME, WRONG = "张真名", "李错名"
WRONG_NAME = "姓名与证件号码不相符。请对照证件核对姓名和证件号码；确认无误的，请联系上级工会。"


def named(name: str, number: str):
    return values(1, name=name, document_number=number, sex="", born_on="")


def row(name: str, number: str, **changed: object) -> list[object]:
    return member_row(1, name=name, document_number=number, sex="", born_on="", **changed)


# Each way, prepared for a lookup by name and number; it returns the message to the officer.

Ask = Callable[[str, str], str]


def form(cast: Cast) -> Ask:
    return lambda name, number: said(lambda: add_member(cast.union, named(name, number), by=cast.officer))


def workbook(cast: Cast) -> Ask:
    def ask(name: str, number: str) -> str:
        return told(imports.upload_workbook(cast.union, WORKBOOK, upload([row(name, number)]), by=cast.officer))

    return ask


def mending(cast: Cast) -> Ask:
    """Corrects a row with a wrong mobile in the page, which then looks up another person."""
    batch = imports.upload_workbook(cast.union, WORKBOOK, upload([member_row(1, mobile="1")]), by=cast.officer)

    def ask(name: str, number: str) -> str:
        cells = dict(zip((column.key for column in COLUMNS), map(str, row(name, number)), strict=True))
        version = Batch.objects.get(pk=batch.pk).mended
        return told(edit_rows(batch, {2: cells}, [], version=version, by=cast.officer))

    return ask


def edit(cast: Cast, *, has_card: bool = False) -> Ask:
    member = make_member(cast.union, name="王自己", has_card=has_card)

    def ask(name: str, number: str) -> str:
        return said(lambda: edit_member(member, named(name, number), version=version_of(member), by=cast.officer))

    return ask


def transfer(cast: Cast) -> Ask:
    return lambda name, number: request_member(cast.union, name, number, by=cast.officer).remark


def transfer_file(cast: Cast) -> Ask:
    return lambda name, number: upload_people(cast.union, people_file([(name, number)]), by=cast.officer).lines[0][4]


def api(cast: Cast) -> Ask:
    """The function that the API will call."""

    def ask(name: str, number: str) -> str:
        key = document_key("resident_id", number)
        return said(lambda: lookups.ask_one(cast.union, key, name, by=cast.officer, door=lookups.Door.ADD))

    return ask


def said(act: Callable[[], object]) -> str:
    """Returns the refusal; past the day's limit it is the same for every way."""
    try:
        act()
    except Refused as refused:
        if "达到上限" in refused.sentence:
            raise
        return refused.sentence
    return ""


def told(batch: Batch) -> str:
    problems = (problem for problem in batch.problems if problem.column == "document_number")
    return "".join(f"{problem.wrong}。{problem.right}。" for problem in problems)


TRANSFERS = {"transfer": transfer, "transfer file": transfer_file}
DOORS = {
    "form": form,
    "workbook": workbook,
    "mending": mending,
    "edit": edit,
    "correction": partial(edit, has_card=True),
    "api": api,
    **TRANSFERS,
}
every_door = pytest.mark.parametrize("door", DOORS)


def other(cast: Cast, whose: str = "far") -> str:
    """The number of a person outside the union."""
    if whose == "stranger":
        return resident_id(900)
    return make_member({"far": cast.far, "nobody": None}[whose], name=NAME).document_number


def used(cast: Cast) -> int:
    return sum(Lookups.objects.filter(union=cast.union, kind="person").values_list("used", flat=True))


def written() -> list[object]:
    """The tables that a way may write, besides its counter and its record."""
    return [
        Member.objects.count(), list(Batch.objects.values_list("state", "mended")), Transfer.objects.count(),
        Correction.objects.count(),
    ]  # fmt: skip


@pytest.fixture
def limited(monkeypatch) -> Callable[[int], None]:
    def limit(misses: int) -> None:
        monkeypatch.setattr(settings, "ENVIRONMENT", dataclasses.replace(settings.ENVIRONMENT, lookup_misses=misses))

    return limit


@every_door
def test_a_wrong_name_is_a_miss_and_has_one_sentence_whoever_the_person_is(cast, door):
    ask = DOORS[door](cast)
    sentences = [ask(WRONG, other(cast, whose)) for whose in ("far", "nobody")]
    assert {sentence.rstrip("。") for sentence in sentences} == {
        NOT_FOUND if door in TRANSFERS else WRONG_NAME.rstrip("。")
    }
    assert used(cast) == 2
    entries = Entry.objects.filter(verb="member.looked_up", union_id=cast.union.pk, data__misses=1)
    assert entries.count() == 2
    assert NAME not in str([entry.data for entry in entries])


@every_door
@pytest.mark.parametrize(("name", "whose"), [(WRONG, "far"), (NAME, "far"), (NAME, "nobody"), (NAME, "stranger")])
def test_past_the_limit_no_door_tells_anything_of_anybody(cast, door, limited, name, whose):
    limited(1)
    ask, number = DOORS[door](cast), other(cast, whose)
    transfer(cast)(WRONG, other(cast))
    before = written()
    with pytest.raises(
        Refused, match=r"达到上限（每天 1 次）.*请对照证件核对姓名和证件号码，明天再试；.*请联系上级工会"
    ):
        ask(name, number)
    assert written() == before
    assert Entry.objects.latest("id").verb == "member.lookup_stopped"


@every_door
def test_one_miss_over_the_limit_is_refused_and_counted(cast, door, limited):
    limited(1)
    ask = DOORS[door](cast)
    ask(WRONG, other(cast))
    with pytest.raises(Refused, match="达到上限"):
        ask(WRONG, other(cast))
    assert used(cast) == 2


def test_all_doors_share_one_counter(cast, limited):
    limited(len(DOORS))
    asks = [door(cast) for door in DOORS.values()]
    for ask in asks:
        ask(WRONG, other(cast))
    assert used(cast) == len(DOORS)
    for ask in asks:
        with pytest.raises(Refused, match="达到上限"):
            ask(WRONG, other(cast))


@every_door
def test_the_same_wrong_pair_again_on_the_same_day_is_one_miss(cast, door):
    ask, number = DOORS[door](cast), other(cast)
    assert ask(WRONG, number) == ask(WRONG, number)
    assert used(cast) == 1


@every_door
def test_name_and_number_both_right_are_no_miss(cast, door):
    DOORS[door](cast)(NAME, other(cast))
    assert used(cast) == 0


@pytest.mark.parametrize("door", [door for door in DOORS if door not in TRANSFERS])
def test_a_newcomer_is_no_miss(cast, door):
    assert DOORS[door](cast)(NAME, other(cast, "stranger")) == ""
    assert used(cast) == 0


def test_ones_own_members_are_no_question(cast, limited):
    """An officer knows the union's own members: also under another name, also past the limit."""
    limited(1)
    transfer(cast)(WRONG, other(cast))
    number = make_member(cast.union, name=NAME).document_number
    assert "已是本工会的会员" in form(cast)(WRONG, number)
    assert "属于本工会的另一名会员" in edit(cast)(WRONG, number)
    assert imports.upload_workbook(
        cast.union, WORKBOOK, upload([row(WRONG, number)]), by=cast.officer
    ).group_counts == {"changed": 1}
    assert transfer(cast)(WRONG, number) == NOT_FOUND
    assert used(cast) == 1


def test_one_number_under_many_names_in_a_workbook_tells_nothing(cast):
    number = other(cast)
    rows = [row(name, number) for name in (NAME, WRONG, "王又错")]
    batch = imports.upload_workbook(cast.union, WORKBOOK, upload(rows), by=cast.officer)
    assert {problem.right for problem in batch.problems} == {"同一人只保留一行，删除其余的行"}
    assert used(cast) == 0


def test_a_workbook_tells_the_same_of_every_wrong_name(cast):
    """The stored problem is identical, wherever the person is a member."""
    number = other(cast)
    stored = []
    for union in (cast.far, cast.neighbour, None):
        move([Member.objects.get(name=NAME).pk], to=union, reason="transferred")
        file = upload([member_row(2), row(WRONG, number)])
        batch = imports.upload_workbook(cast.union, WORKBOOK, file, by=cast.officer)
        stored.append([batch.state, batch.message, batch.warning, batch.group_counts, batch.lines, batch.problems])
    assert stored[0] == stored[1] == stored[2]


# The same rows checked again


def test_rows_that_stay_wrong_are_not_counted_again_while_others_are_mended(cast, limited):
    limited(2)
    rows = [row(WRONG, other(cast)), row(WRONG, other(cast, "nobody")), member_row(3, mobile="1")]
    batch = imports.upload_workbook(cast.union, WORKBOOK, upload(rows), by=cast.officer)
    assert used(cast) == 2
    limited(3)
    batch = edit_rows(batch, {4: {"mobile": "19900000003"}}, [], version=0, by=cast.officer)
    assert (batch.problem_count, used(cast)) == (2, 2)


def test_the_job_counts_nothing_and_refuses_nothing_that_was_accepted(cast, limited):
    batch = imports.upload_workbook(cast.union, WORKBOOK, upload([member_row(2)]), by=cast.officer)
    limited(0)
    run_batch(batch.pk)
    assert Batch.objects.get(pk=batch.pk).state == ImportState.DONE
    assert used(cast) == 0


def test_somebody_registered_under_another_name_meanwhile_fails_the_job_uncounted(cast):
    number = resident_id(900)
    batch = imports.upload_workbook(cast.union, WORKBOOK, upload([row(WRONG, number)]), by=cast.officer)
    make_member(cast.far, name=NAME, number=number)
    run_batch(batch.pk)
    batch = Batch.objects.get(pk=batch.pk)
    assert (batch.state, told(batch), used(cast)) == (ImportState.FAILED, WRONG_NAME, 0)


# The counter's own transaction


def file_of_misses(cast: Cast, count: int):
    return upload([row(WRONG, other(cast)) for _ in range(count)])


@pytest.mark.django_db(transaction=True)
def test_two_files_of_60_at_once_pass_100_by_neither_way(cast):
    files = [file_of_misses(cast, 60) for _ in range(2)]
    officers = [cast.officer, make_user(cast.union)]
    upload_one = partial(imports.upload_workbook, cast.union, WORKBOOK)
    outcomes = at_once(*(partial(upload_one, file, by=by) for file, by in zip(files, officers, strict=True)))
    assert sorted(outcome == DONE for outcome in outcomes) == [False, True]
    assert any("达到上限（每天 100 次）" in outcome for outcome in outcomes)
    assert (used(cast), Batch.objects.count()) == (120, 1)


@pytest.mark.django_db(transaction=True)
def test_who_counts_waits_for_whoever_has_read_the_count(cast):
    """No other transaction reads between reading and writing."""
    count = partial(lookups.spend, cast.union, Lookups.Kind.PERSON, limit=100)
    with transaction.atomic():
        count([b"before"])
    locked, second = threading.Event(), []

    def first() -> None:
        with transaction.atomic():
            row = Lookups.objects.select_for_update().get()
            locked.set()
            wait_for_a_lock()
            row.used += 60
            row.save()

    def other() -> None:
        locked.wait()
        with transaction.atomic():
            second.append(count([b"%d" % number for number in range(60)]))

    assert at_once(first, other) == [DONE, DONE]
    assert second == [(121, True)]


def wait_for_a_lock() -> None:
    """Waits until another transaction waits for this one's lock."""
    for _ in range(500):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)


@pytest.mark.django_db(transaction=True)
def test_a_refused_upload_takes_nothing_back_from_the_counter(cast, limited):
    limited(3)
    with pytest.raises(Refused, match="达到上限"):
        imports.upload_workbook(cast.union, WORKBOOK, file_of_misses(cast, 4), by=cast.officer)
    assert used(cast) == 4
    assert Entry.objects.get(verb="member.lookup_stopped").data == {
        "door": "模板导入会员", "rows": 4, "misses": 4, "today": 4,
    }  # fmt: skip


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("door", [door for door in DOORS if door != "mending"])
def test_within_a_transaction_that_could_forget_it_a_miss_has_no_answer(cast, door):
    ask, number = DOORS[door](cast), other(cast)
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        ask(WRONG, number)


def test_nobody_finds_people_by_their_number_but_here_or_within_a_scope():
    """Another lookup by document would be a way without the limit."""
    allowed = {
        "members/lookups.py": 1,  # the lookup
        "members/queries.py": 1,  # the list, within `visible_to`
        "members/finding.py": 1,  # the search, likewise
        "members/register/actions.py": 1,  # under the lock, after the lookup
        "members/corrections/review.py": 1,  # the superior's check of the officer's lookup
        "registers/people.py": 1,  # the city's load of the register
        "registers/queries.py": 1,  # the city's search of the register, which is recorded
        "bookings/named.py": 1,  # a workbook of the union's own members
        "national/returns/sheet.py": 1,  # rows of the form that came back, within the union and below
        "members/identity.py": 1,  # no user's lookup: the update of records
    }
    look = re.compile(r"filter\(\s*document_hash|document_hash(__in)?=document_keys|WHERE (found\.)?document_hash")
    counts = {
        str(path.relative_to(SOURCES)): len(look.findall(path.read_text()))
        for path in SOURCES.rglob("*.py")
        if "migrations" not in path.parts
    }
    assert {path: count for path, count in counts.items() if count} == allowed


def test_the_page_refuses_a_file_past_the_limit_with_the_reason(client, cast, limited):
    limited(0)
    client.force_login(cast.officer)
    for address, data in (
        (reverse("imports:upload", args=["members"]), {"file": upload([member_row(2)])}),
        (reverse("members:add"), typed(2)),
    ):
        page = client.post(address, data)
        assert page.status_code == 422
        assert "达到上限（每天 0 次）" in page.content.decode()
    assert written() == [0, [], 0, 0]
