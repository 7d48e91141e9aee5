"""The invoice is seen by who has sent it and by who decides, comes as a download, and goes after its time."""

from datetime import timedelta

import pytest
from django.utils import timezone

from gonghui.attachments.actions import attach
from gonghui.attachments.models import Attachment
from gonghui.audit.models import Entry
from gonghui.audit.queries import looks_at
from gonghui.bookings.models import Programme, SelfCheck
from gonghui.bookings.self_checks.actions import decide_self_check, send_again, send_self_check, withdraw_self_check
from gonghui.bookings.self_checks.kind import CODE, about
from gonghui.kit.cleanup import SWEEPS, sweep_out
from gonghui.kit.errors import Refused
from tests.attachments.stories import file
from tests.attachments.test_models import seen_by
from tests.bookings.stories import invoice, published, scanned, sent
from tests.factories import make_member
from tests.scans import arm, jpeg, pdf

pytestmark = pytest.mark.django_db


@pytest.fixture
def programme(cast) -> Programme:
    return published(cast, publisher=cast.district, by=cast.district_admin, kind="checkup", self_check_price=300)


def scan_of(check: SelfCheck) -> Attachment:
    return Attachment.objects.get(bundle=check.invoice)


def test_who_has_sent_it_and_who_decides_see_it_and_nobody_else(cast, programme):
    member = make_member(cast.union)
    assert seen_by(cast, scanned(cast.officer, programme, member)) == {"officer"}
    check = send_self_check(programme, member.pk, invoice(), by=cast.officer)
    assert seen_by(cast, scan_of(check)) == {"officer", "district_admin"}


def test_it_is_a_download_on_record_that_the_member_finds(client, cast, programme):
    check = sent(cast.officer, programme, make_member(cast.union))
    client.force_login(cast.district_admin)
    answer = client.get(f"/attachments/{scan_of(check).pk}/")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    entry = Entry.objects.get(verb="attachment.downloaded")
    assert entry.data == {"scan": "invoice", "kind": "self_check"}
    assert entry in looks_at(check.member.number)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "SVG"),
        (b"<html>invoice</html>", "没有接收"),
        (bytes(10 * 1024 * 1024 + 1), "10 MB"),
        (b"", "空的"),
    ],
)
def test_what_is_no_scan_is_refused_by_its_content_whatever_its_name(cast, programme, data, said):
    member = make_member(cast.union)
    with pytest.raises(Refused, match=said):
        attach(CODE, about(programme.pk, member.pk), "invoice", file(data, "发票.pdf"), by=cast.officer)


def test_a_pdf_is_written_anew(cast, programme):
    member = make_member(cast.union)
    for data in (pdf(arm), jpeg()):
        one = attach(CODE, about(programme.pk, member.pk), "invoice", file(data, "发票.pdf"), by=cast.officer)
        assert b"JavaScript" not in one.content
        assert b"SECRETPHONE" not in one.content


def test_another_scan_another_union_and_another_programme_take_none(cast, programme):
    member, theirs = make_member(cast.union), make_member(cast.neighbour)
    recuperation = published(cast, publisher=cast.district, by=cast.district_admin)
    with pytest.raises(Refused, match="请选择材料种类"):
        attach(CODE, about(programme.pk, member.pk), "licence", file(), by=cast.officer)
    for place in (
        about(programme.pk, theirs.pk),
        about(recuperation.pk, member.pk),
        "",
        "x-y",
        f"{programme.pk}-{'9' * 30}",
    ):
        with pytest.raises(Refused, match="不能为这项申请上传附件"):
            attach(CODE, place, "invoice", file(), by=cast.officer)


def test_it_goes_so_many_days_after_the_decision(cast, programme):
    check = sent(cast.officer, programme, make_member(cast.union))

    def cleaned() -> int:
        return sum(sweep_out(SWEEPS["attachments: contents"]))

    assert cleaned() == 0
    decide_self_check(check, accepted=True, by=cast.district_admin)
    assert cleaned() == 0
    SelfCheck.objects.update(decided_at=timezone.now() - timedelta(days=181))
    Attachment.objects.update(sent_at=timezone.now() - timedelta(days=200))
    assert cleaned() == 1
    assert scan_of(check).removed_at


def test_sent_again_it_takes_the_same_invoice_along(cast, programme):
    check = sent(cast.officer, programme, make_member(cast.union))
    with pytest.raises(Refused, match="只有未通过或已撤回"):
        send_again(check, by=cast.officer)
    check = withdraw_self_check(check, by=cast.officer)
    send_again(check, by=cast.officer)
    again = send_self_check(programme, check.member_id, invoice(), by=cast.officer)
    assert again.invoice != check.invoice
    assert seen_by(cast, scan_of(check)) == {"officer", "district_admin"}
    assert again.invoice.kept.get().attachment == scan_of(check)
