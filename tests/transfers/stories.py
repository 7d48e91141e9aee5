"""What happens in the stories of transfers, in one line each."""

from collections.abc import Iterable
from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.timezone import localdate

from gonghui.members.models import Member
from gonghui.transfers.answers.actions import answer
from gonghui.transfers.departures.actions import Document, release
from gonghui.transfers.models import Transfer, Upload
from gonghui.transfers.requests.actions import request_member, upload_people
from gonghui.unions.models import Union
from tests.people import Cast
from tests.workbooks import saved, workbook

HEADINGS = ["姓名*", "证件号码*"]


def people_file(rows: Iterable[tuple[str, str]], name: str = "转入.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, saved(workbook(rows, headings=HEADINGS)))


def uploaded(cast: Cast, *members: Member, more: Iterable[tuple[str, str]] = ()) -> Upload:
    """The neighbour asks for these members of others by workbook."""
    rows = [*((member.name, member.document_number) for member in members), *more]
    return upload_people(cast.neighbour, people_file(rows), by=cast.neighbour_officer)


def requested(cast: Cast, member: Member, *, by=None) -> Transfer:
    """The neighbour (or the union of ``by``) asks for one member."""
    by = by or cast.neighbour_officer
    answered = request_member(by.union, member.name, member.document_number, by=by)
    assert answered.transfer, answered
    return answered.transfer


def agreed(transfer: Transfer, *, by) -> None:
    assert answer([transfer.pk], agree=True, opinion="", by=by).done


def offered(cast: Cast, *members: Member, to: Union | None = None) -> list[Transfer]:
    ids = [member.pk for member in members]
    return release(cast.union, ids, to=to or cast.neighbour, reason="", note="", by=cast.officer).done


def left(cast: Cast, *members: Member, reason: str = "resigned") -> list[Transfer]:
    return release(cast.union, [member.pk for member in members], to=None, reason=reason, note="", by=cast.officer).done


def ended(cast: Cast, member: Member, way: str, **document) -> Transfer:
    """The member resigns, or is expelled, today."""
    number = "示工〔2026〕5 号" if way == "expelled" else ""
    paper = Document(**({"on": localdate(), "number": number} | document))
    outcome = release(cast.union, [member.pk], to=None, reason=way, note="", by=cast.officer, document=paper)
    assert outcome.done, list(outcome.remarks())
    return outcome.done[0]


def overdue(*transfers: Transfer) -> None:
    """As if nobody had answered until yesterday."""
    yesterday = localdate() - timedelta(days=1)
    Transfer.objects.filter(pk__in=[transfer.pk for transfer in transfers]).update(due_on=yesterday)
