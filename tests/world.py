"""What every address is asked with: who asks, what a row of the table says, and the things whose numbers stand in addresses."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.test.client import ClientHandler
from django.urls import reverse
from django.utils import timezone

from gonghui.accounts.list_settings import save_view
from gonghui.accounts.models import ListSetting, SavedView
from gonghui.attachments.models import Attachment
from gonghui.cards.models import Application, Card, Order, UnionCode
from gonghui.cards.models import Batch as CardBatch
from gonghui.codelists.models import Code
from gonghui.filings.coverage.actions import cover_employer
from gonghui.filings.dissolution.actions import dissolve_union
from gonghui.filings.models import AccountClaim, Dissolution
from gonghui.filings.registration.actions import register_employer
from gonghui.imports.actions import upload_workbook
from gonghui.imports.hooks import KINDS
from gonghui.imports.job import run_batch
from gonghui.imports.models import Batch
from gonghui.inspections.confirmations.actions import version_of
from gonghui.inspections.members.check import version_of_members
from gonghui.inspections.models import Confirmation, Subject, Window
from gonghui.members.by_code.actions import start_import
from gonghui.members.fields import MemberValues
from gonghui.members.models import CodeImport, Member
from gonghui.members.register.actions import edit_member
from gonghui.members.register.actions import version_of as member_version
from gonghui.members.register.forms import values_of
from gonghui.notices.models import Notice, NoticeSetting
from gonghui.policies.columns.actions import confirm, count, draft
from gonghui.policies.models import ColumnPolicy
from gonghui.reviews.bulk import decide_several
from gonghui.reviews.covers import set_cover
from gonghui.reviews.models import BulkDecision, Cover, Phrase, Review, Step
from gonghui.transfers.models import Transfer, Upload
from gonghui.unions.models import CoveredEmployer, Union
from tests.attachments.stories import attached, collected
from tests.bookings.things import Bookings
from tests.cards import stories as cards
from tests.cards.stories import coded
from tests.circulars.things import Circulars
from tests.duplicates.things import Duplicates
from tests.exports.things import ExportThings
from tests.factories import make_member, org_code
from tests.filings.stories import employer, joint, submitted
from tests.inspections.stories import confirmed, opened
from tests.national.things import NationalThings
from tests.people import Cast
from tests.publishing.things import PublishedThings
from tests.registers.things import RegisterThings
from tests.statistics.things import FigureThings
from tests.superiors.things import TreeThings
from tests.transfers.stories import ended, uploaded
from tests.workbooks import member_row, upload
from tests.yearbooks.things import YearbookThings

NOBODY = "nobody"  # not signed in
ABOVE = {"platform_admin", "district_admin", "reviewer", "viewer"}  # `cast.union` is in their scope
SUPERIORS = ABOVE | {"other_reviewer", "bureau_admin", "company_reviewer"}
NEIGHBOURS_ABOVE = {"platform_admin", "district_admin", "other_reviewer"}  # `cast.neighbour` is in their scope
ADMINS = SUPERIORS - {"viewer"}
APPROVED = {"officer", "neighbour_officer", "far_officer"}
NOT_ADMINS = {"viewer", "officer", "neighbour_officer", "far_officer", "newcomer", "claimant"}
OFFICERS = APPROVED | {"newcomer"}
SIGNED_IN = SUPERIORS | OFFICERS | {"claimant"}
EVERYBODY = SIGNED_IN | {NOBODY}
LOGIN = "login"  # redirected to the sign-in
HANDLER = ClientHandler(enforce_csrf_checks=False)
"""One for all clients: each handler would load the middleware anew."""

Statuses = dict[int, set[str]]


@dataclass(frozen=True)
class Row:
    """What everybody gets at one address by one method: ``rest``, or LOGIN for NOBODY, who is not in ``statuses``."""

    name: str
    method: str
    statuses: Statuses
    of: str = ""  # the thing of the World whose number stands in the address
    given: str = ""  # a thing that must be there without standing in the address
    query: str = ""  # likewise, its number as ``?query=``
    data: dict[str, str] = field(default_factory=dict)
    changes: set[str] = field(default_factory=set)  # whose request leaves a trace in our tables
    rest: int = 404

    @property
    def expected(self) -> dict[str, int | str]:
        found: dict[str, int | str] = dict.fromkeys(SIGNED_IN, self.rest) | {NOBODY: LOGIN}
        return found | {who: status for status, people in self.statuses.items() for who in people}

    def __str__(self) -> str:
        return f"{self.method} {self.name}{f'?{self.query}' if self.query else ''}"


class World(
    Bookings, Duplicates, FigureThings, NationalThings, PublishedThings, RegisterThings, TreeThings, Circulars,
    ExportThings, YearbookThings,
):  # fmt: skip
    """The cast, their sessions, and what they may ask for; each thing is made when a row first needs it."""

    def __init__(self, cast: Cast, sessions: dict[str, str]) -> None:
        self.cast, self.sessions = cast, sessions
        self.union, self.street, self.district, self.account = cast.union, cast.street, cast.district, cast.viewer
        self.node = cast.street
        self.kind, self.no_key, self.no_token, self.no_link = "members", "nokey", "notoken", ["1", "nokey"]
        self.chapter, self.finding, self.code_list = "filing", "mobile", "household"
        self.section = "news"

    @cached_property
    def member(self) -> Member:
        return make_member(self.union)

    @cached_property
    def bound(self) -> Member:
        """In no union, bound to the code of `cast.union`'s employer."""
        return make_member(None, unit_code=self.own_code)

    @cached_property
    def own_code(self) -> str:
        return self.union.employer.code or ""

    @cached_property
    def code_import(self) -> CodeImport:
        """By another code: it waits for `cast.street`."""
        make_member(None, unit_code=org_code(4321))
        return start_import(self.union, org_code(4321), None, by=self.cast.officer)

    @cached_property
    def code(self) -> str:
        """Another employer's code, with people bound to it."""
        return self.code_import.code

    @cached_property
    def code_review(self) -> Review | None:
        return self.code_import.review

    @cached_property
    def correction(self) -> Review:
        """The member has a card; a change of the name waits for `cast.street`."""
        Member.objects.filter(pk=self.member.pk).update(has_card=True)
        member = Member.objects.get(pk=self.member.pk)
        values = MemberValues(**values_of(member))._replace(name="王改名")
        edit_member(member, values, version=member_version(member), by=self.cast.officer)
        return Review.objects.get(kind="correction")

    @cached_property
    def transfer_upload(self) -> Upload:
        """`cast.neighbour` asks for the member."""
        return uploaded(self.cast, self.member)

    @cached_property
    def transfer(self) -> Transfer:
        self.number("transfer_upload")
        return Transfer.objects.get(member=self.member)

    @cached_property
    def expulsion(self) -> Transfer:
        """Of a member of `cast.union`; it waits for `cast.street`."""
        return ended(self.cast, make_member(self.union), "expelled")

    @cached_property
    def list_code(self) -> Code:
        return Code.objects.get(code_list="household", value="rural")

    @cached_property
    def card_code(self) -> UnionCode:
        return coded(self.union, self.cast.officer)

    @cached_property
    def applicant(self) -> Member:
        """The union has a code, so that the card can be asked for."""
        self.number("card_code")
        return self.member

    @cached_property
    def rare(self) -> Member:
        """Whose name the card maker cannot print."""
        return make_member(self.union, name="王喆")

    @cached_property
    def card_batch(self) -> CardBatch:
        """It waits for `cast.street`."""
        return cards.submitted(self.cast)

    @cached_property
    def application(self) -> Application:
        return cards.only(self.card_batch)

    @cached_property
    def approved_batch(self) -> CardBatch:
        return cards.approved(self.cast)

    @cached_property
    def card(self) -> Card:
        """In the hand of a member of `cast.union`."""
        return cards.carded(self.cast, make_member(self.union))[0]

    @cached_property
    def holder(self) -> Member:
        return self.card.member

    @cached_property
    def card_order(self) -> Order:
        """Its file is built."""
        return cards.gathered(self.cast, self.approved_batch)

    @cached_property
    def exported_order(self) -> Order:
        return cards.exported(self.cast, self.approved_batch)

    @cached_property
    def batch(self) -> Batch:
        """With a row to mend and a good one: it waits for the officer."""
        file = upload([member_row(1), member_row(2, mobile="1")])
        return upload_workbook(self.union, KINDS["members"], file, by=self.cast.officer)

    @cached_property
    def batch_done(self) -> Batch:
        batch = upload_workbook(self.union, KINDS["members"], upload([member_row(1)]), by=self.cast.officer)
        run_batch(batch.pk)
        return batch

    @cached_property
    def review(self) -> Review:
        """The filing of `cast.unfiled`, waiting for `cast.street`."""
        return submitted(self.cast).review

    @cached_property
    def attachment(self) -> Attachment:
        """Of the amendment of `cast.union`, waiting for `cast.street`."""
        return attached(self.cast)[1]

    @cached_property
    def draft_attachment(self) -> Attachment:
        """The officer's, for an amendment that is not submitted."""
        return collected(self.cast.officer)

    @cached_property
    def claim(self) -> AccountClaim:
        """The claimant's, on `cast.union`."""
        claim = register_employer(self.cast.claimant, name=self.union.employer.name, registered_id=None)
        assert isinstance(claim, AccountClaim)
        return claim

    @cached_property
    def covered(self) -> CoveredEmployer:
        """By `cast.union`, a joint one in the database: the row of all is left as it is."""
        union = joint(Union.objects.get(pk=self.union.pk))
        return cover_employer(union, employer(1), by=self.cast.officer)

    @cached_property
    def dissolution(self) -> Dissolution:
        """The end of `cast.neighbour`."""
        number, by = self.cast.neighbour.number, self.cast.neighbour_officer
        return dissolve_union(self.cast.neighbour, way="closed", into=None, reason="注销", confirmed=number, by=by)

    @cached_property
    def step(self) -> Step:
        """Of that review, the street's."""
        return self.review.steps.get()

    @cached_property
    def cover(self) -> Cover:
        """Of `cast.reviewer` by `cast.viewer`, for today."""
        today = timezone.localdate()
        return set_cover(
            self.cast.reviewer, cover=self.cast.viewer, starts_on=today, ends_on=today, by=self.cast.reviewer
        )

    @cached_property
    def window(self) -> Window:
        """Open, for `cast.district`; nobody has confirmed."""
        return opened(self.cast, self.cast.district)

    @cached_property
    def confirmation(self) -> Confirmation:
        return confirmed(self.cast, self.window, Union.objects.get(pk=self.union.pk))

    @cached_property
    def members_window(self) -> Window:
        """Open for the whole city; `cast.union` has a member."""
        self.number("member")
        return opened(self.cast, subject=Subject.MEMBERS)

    @cached_property
    def members_version(self) -> str:
        return version_of_members(self.union)

    @cached_property
    def members_confirmation(self) -> Confirmation:
        return confirmed(self.cast, self.members_window)

    @cached_property
    def subject(self) -> str:
        """Whose columns the city collects."""
        return "member"

    @cached_property
    def draft_policy(self) -> ColumnPolicy:
        """Counted, to be confirmed by `cast.platform_admin`."""
        policy = draft("member", {"ethnicity": "optional"}, timezone.localdate(), by=self.cast.platform_admin)
        count(policy.pk)
        return policy

    @cached_property
    def confirmed_policy(self) -> ColumnPolicy:
        return confirm(self.draft_policy.pk, by=self.cast.platform_admin)

    @cached_property
    def version(self) -> str:
        """Of `cast.union`'s particulars, as its officer's page carries it."""
        return version_of(self.union)

    @cached_property
    def phrase(self) -> Phrase:
        return Phrase.objects.create(user=self.cast.reviewer, text="资料齐全，同意。")

    @cached_property
    def list_setting(self) -> ListSetting:
        return ListSetting.objects.create(user=self.cast.officer, path="/members/")

    @cached_property
    def notice_setting(self) -> NoticeSetting:
        return NoticeSetting.objects.create(user=self.cast.officer)

    @cached_property
    def saved_view(self) -> SavedView:
        return save_view(self.cast.officer, "/members/", name="女会员", query="q=x")

    @cached_property
    def bulk(self) -> BulkDecision:
        """Of `cast.reviewer`, on the review alone."""
        return decide_several([self.step.pk], decision="refused", opinion="请补充。", by=self.cast.reviewer)

    @cached_property
    def notice(self) -> Notice:
        return Notice.objects.create(user=self.cast.officer, title="导入成功")

    def number(self, thing: str) -> Any:
        """What stands for a thing in an address."""
        found = getattr(self, thing)
        return getattr(found, "pk", found)

    def address(self, row: Row) -> str:
        if row.given:
            self.number(row.given)
        arguments = self.number(row.of) if row.of else []
        path = reverse(row.name, args=arguments if isinstance(arguments, list) else [arguments])
        return f"{path}?{row.query}={self.number(row.query)}" if row.query else path

    def client(self, who: str) -> Client:
        client = Client()
        client.handler = HANDLER
        if who != NOBODY:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[who]
        return client

    def ask(self, who: str, row: Row, address: str) -> HttpResponse:
        data = {
            key: str(self.number(value[1:-1])) if value.startswith("{") else value for key, value in row.data.items()
        }
        return read(getattr(self.client(who), row.method)(address, data))


def read(response: HttpResponse) -> HttpResponse:
    """The same; a file is read to its end, so that it closes itself and leaves the test's connection alone."""
    if response.streaming:
        b"".join(response.streaming_content)
    return response


def savepoint() -> transaction.Atomic:
    """One that counts as a test's own, so that a durable transaction may begin within."""
    point = transaction.atomic()
    point._from_testcase = True
    return point


@contextmanager
def rolled_back() -> Iterator[None]:
    """Whatever is done within is undone; a `savepoint`."""
    with savepoint():
        yield
        transaction.set_rollback(True)
