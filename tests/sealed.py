"""Every kind of sealed value that the platform keeps, at least twice: made as people make it."""

from datetime import timedelta

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.bookings.places.actions import withdraw_places
from gonghui.bookings.places.people import Guest
from gonghui.cards.orders import results
from gonghui.filings.amendment.actions import save_amendment_draft, submit_amendment
from gonghui.filings.filing.actions import save_draft
from gonghui.imports import actions as imports
from gonghui.imports.editing import edit_rows
from gonghui.imports.edits import Edits, read_sheet
from gonghui.imports.hooks import KINDS
from gonghui.imports.models import Batch
from gonghui.inspections.confirmations.actions import reopen_confirmation
from gonghui.inspections.models import Subject
from gonghui.members.codes import DocumentType
from gonghui.members.fields import LABELS
from gonghui.members.models import Member
from gonghui.members.register.actions import add_member, edit_member, version_of
from gonghui.members.roster import actions as intake
from gonghui.notices.actions import send_mail
from gonghui.registers.actions import add_pieces, begin
from gonghui.registers.models import Register
from gonghui.reviews.actions import decide
from gonghui.unions.models import Union
from tests.attachments.stories import collected
from tests.bookings.stories import booked, ids, published
from tests.cards.stories import carded
from tests.exports.stories import built as built_list
from tests.factories import make_member, resident_id
from tests.filings.stories import changed, submitted
from tests.inspections.stories import confirmed, filled_in, opened
from tests.members.people import values
from tests.national.stories import exported
from tests.people import Cast
from tests.policies.stories import collecting
from tests.registers.files import checked, csv_of, people_csv, person_line
from tests.transfers.stories import uploaded
from tests.workbooks import HEADINGS, member_row, upload


def seal_everything(cast: Cast) -> None:
    """To be called once in a test; of each kind there are values of two owners, and of what has earlier versions, those."""
    collecting(cast)
    officers = [(cast.union, cast.officer), (cast.neighbour, cast.neighbour_officer)]
    for number, (union, officer) in enumerate(officers):
        filled_in(union, phone=f"1990000111{number}")
        filled_in(union, phone=f"1990000222{number}")
        _members(union, officer, first=10 + 10 * number)
        exported(officer)
        built_list(officer)
        _imports(union, officer, first=10 + 10 * number)
        send_mail(officer.email, "主题", f"正文 {number}")
        _kept(officer)
        TOTP.activate(officer, generate_totp_secret())
    _inspected(cast, officers)
    for union, officer in officers:
        save_amendment_draft(union, values=changed(cast, phone="19900004444"), by=officer)
        review = submit_amendment(union, values=changed(cast, phone="19900003333"), by=officer).review
        decide(review, decision="approved", opinion="", by=union.superior.users.order_by("pk")[0])
    save_draft(cast.unfiled, entrance="district", values={"phone": "19900005555"}, by=cast.newcomer)
    submitted(cast)
    for _ in range(2):
        uploaded(cast, *Member.objects.filter(union=cast.union, has_card=False)[:1], more=[("没有此人", "X0000000")])
    _cards(cast)
    for _, officer in officers:
        collected(officer)
    _loads(cast.platform_admin)
    _bookings(cast, officers)


def _bookings(cast: Cast, officers: list[tuple[Union, User]]) -> None:
    """Of each a family guest who has withdrawn, so that there is an earlier version; and the seed of lots."""
    for number, (union, officer) in enumerate(officers):
        programme = published(cast, guests_max=1, guest_price=900)
        guest = Guest("李家属", DocumentType.RESIDENT_ID, resident_id(900 + number))
        group = booked(officer, programme, make_member(union), guests=[guest])
        withdraw_places(ids(group), by=officer)
        published(cast, allocation="draw", collects_until=timezone.now() + timedelta(days=10))


def _loads(by: User) -> None:
    """Of each register an error list, and a file that is not checked yet."""
    wrong = {Register.EMPLOYERS: csv_of([["甲"] * 7]), Register.MEMBERS: people_csv([person_line(1, 姓名="")])}
    for register, data in wrong.items():
        checked(data, register, by=by)
        add_pieces(begin(register, "库.csv", 3, by=by), [b"abc"], by=by)


def _kept(officer: User) -> None:
    """What was typed when the session had ended."""
    client = Client()
    client.force_login(officer)
    Session.objects.filter(pk=client.session.session_key).update(expire_date=timezone.now())
    client.post("/members/add/", {"name": "王小明", "mobile": "19900001234"})


SENSITIVE = {"ethnicity": "03", "political_status": "01", "native_place": "江苏昆山", "household_place": "示例街道"}
CHANGED = SENSITIVE | {"mobile": "19911112222", "address": "改过的路1号", "native_place": "江苏太仓"}


def _members(union: Union, officer: User, *, first: int) -> None:
    """One is edited, and asks for a correction of what a card shows."""
    member = add_member(union, values(first, **SENSITIVE), by=officer)
    add_member(union, values(first + 1, **SENSITIVE), by=officer)
    edit_member(member, values(first, **CHANGED), version=version_of(member), by=officer)
    member = Member.objects.get(pk=member.pk)
    Member.objects.filter(pk=member.pk).update(has_card=True)
    member = Member.objects.get(pk=member.pk)
    renamed = values(first, **CHANGED)._replace(name="王改名")
    edit_member(member, renamed, version=version_of(member), by=officer)


def _imports(union: Union, officer: User, *, first: int) -> None:
    """One waits, mended once and still with problems and with a member to change; another's rows are staged."""
    rows = [
        member_row(first + 1, mobile="19944445555"),
        member_row(first + 2, mobile="1"),
        member_row(first + 3, name=""),
    ]
    batch = imports.upload_workbook(union, KINDS["members"], upload(rows), by=officer)
    edit_rows(batch, {3: {"mobile": "2"}}, [], version=0, by=officer)
    staged = [*member_row(first + 4), *SENSITIVE.values()]
    batch = imports.upload_workbook(
        union,
        KINDS["members"],
        upload([staged], headings=[*HEADINGS, *(LABELS[name] for name in SENSITIVE)]),
        by=officer,
    )
    intake.stage(batch, KINDS["members"].check(union, read_sheet(batch, Edits()), None), lambda rows: None)
    Batch.objects.filter(pk=batch.pk).update(state="failed")  # it keeps the union busy


def _inspected(cast: Cast, officers: list[tuple[Union, User]]) -> None:
    for subject in (Subject.ORGANISATIONS, Subject.MEMBERS):
        window = opened(cast, subject=subject)
        for union, _ in officers:
            confirmation = confirmed(
                cast, window, Union.objects.select_related("superior", "employer").get(pk=union.pk)
            )
            reopen_confirmation(confirmation, reason="换届日期未更新", by=cast.platform_admin)


def _cards(cast: Cast) -> None:
    """Two cards in the hand; the card maker's file in two pieces."""
    before, results.PIECE_BYTES = results.PIECE_BYTES, 200
    try:
        carded(cast, make_member(cast.union), make_member(cast.union))
    finally:
        results.PIECE_BYTES = before
