"""Attachments with the request's own form, as it is sent without scripts: nothing of the form is lost by them."""

import pytest
from django.urls import reverse

from gonghui.attachments.models import Attachment
from gonghui.filings.models import Amendment, Filing
from gonghui.kit.uploads import MAX_UPLOAD_BYTES
from gonghui.members.models import Member
from gonghui.members.register.actions import add_member, version_of
from gonghui.members.register.forms import values_of
from gonghui.reviews.models import Review
from gonghui.transfers.models import Transfer
from tests.attachments.stories import collected, file
from tests.factories import make_member
from tests.filings.stories import changed, form_data
from tests.members.people import values
from tests.people import Cast
from tests.scans import EICAR

AMEND, START = reverse("filings:amend"), reverse("filings:start")


def amendment(cast: Cast, **more) -> dict:
    return {key: value for key, value in form_data(cast).items() if key in changed(cast)} | more


def test_the_button_uploads_what_was_chosen_and_the_form_is_as_it_was(officer, cast):
    response = officer.post(
        AMEND, amendment(cast, leader="赵示例", phone="", attach="1", **{"attachment-licence": file()})
    )
    assert response.status_code == 200
    assert "营业执照.png" in response.text
    assert 'value="赵示例"' in response.text
    assert "error-summary" not in response.text
    assert not Review.objects.exists()


def test_a_form_that_is_wrong_keeps_what_came_with_it(officer, cast):
    response = officer.post(AMEND, amendment(cast, phone="", **{"attachment-licence": file()}))
    assert response.status_code == 422
    assert "营业执照.png" in response.text
    response = officer.post(AMEND, amendment(cast, leader="赵示例"))
    assert response.status_code == 302
    assert Amendment.objects.get().review.attachments.attachments.get() == Attachment.objects.get()


def test_files_and_form_are_sent_at_once(officer, cast):
    files = {"attachment-licence": file(), "attachment-approval": [file(name="b.png"), file(name="c.png")]}
    assert officer.post(AMEND, amendment(cast, leader="赵示例", **files)).status_code == 302
    kept = Amendment.objects.get().review.attachments.attachments.order_by("pk")
    assert [(one.scan, one.name) for one in kept[1:]] == [("approval", "b.png"), ("approval", "c.png")]


@pytest.mark.parametrize(("data", "told"), [(EICAR, "不是扫描件"), (bytes(MAX_UPLOAD_BYTES + 1), "超过 10 MB")])
def test_a_file_that_is_not_taken_sends_nothing_and_says_so(officer, cast, data: bytes, told: str):
    response = officer.post(AMEND, amendment(cast, leader="赵示例", **{"attachment-licence": file(data)}))
    assert response.status_code == 200
    assert told in response.text
    assert 'value="赵示例"' in response.text
    assert not Review.objects.exists()


def test_one_is_removed_before_it_is_sent_and_only_ones_own(officer, cast):
    mine, other = collected(cast.officer), collected(cast.neighbour_officer)
    for pk in (mine.pk, other.pk, "²", "9" * 30):
        assert officer.post(AMEND, amendment(cast, leader="赵示例", detach=pk)).status_code == 200
    assert list(Attachment.objects.all()) == [other]
    assert not Review.objects.exists()


def test_enter_in_a_field_presses_no_button_of_the_attachments(officer, cast):
    collected(cast.officer)
    form = officer.get(AMEND).text.partition('enctype="multipart/form-data"')[2]
    assert form.index("<button hidden>") < form.index('name="detach"') < form.index('name="submit"')


def test_a_filing_takes_them_along_and_its_draft_leaves_them(client, cast):
    client.force_login(cast.newcomer)
    assert "附件" in client.get(START, {"entrance": "district"}).text
    sent = form_data(cast, **{"attachment-licence": file()})
    assert client.post(START, sent | {"draft": "1"}).status_code == 302
    page = client.get(START, {"entrance": "district"}).text
    assert "营业执照.png" in page
    assert "批复" in page
    assert client.post(START, form_data(cast)).status_code == 302
    assert Filing.objects.get().review.attachments.attachments.count() == 1


def test_a_relocation_takes_them_along(officer, cast):
    address = f"{reverse('filings:relocate')}?way=within"
    wrong = officer.post(address, {"level2": "", "superior": "", "reason": "", "attachment-approval": file()})
    assert wrong.status_code == 422
    assert "营业执照.png" in wrong.text
    right = {"level2": cast.district.pk, "superior": cast.other_street.pk, "reason": "单位搬迁"}
    assert officer.post(address, right).status_code == 302
    assert Review.objects.get(kind="relocation").attachments.attachments.get().scan == "approval"


def test_a_correction_of_somebody_with_a_card_takes_them_along(officer, cast):
    member = add_member(cast.union, values(1), by=cast.officer)
    address = reverse("members:edit", args=[member.pk])
    assert "attachment-document" not in officer.get(address).text
    Member.objects.update(has_card=True)
    member = Member.objects.get(pk=member.pk)
    assert "attachment-document" in officer.get(address).text
    typed = {key: "" if value is None else str(value) for key, value in values_of(member).items()}
    typed |= {"version": version_of(member), "name": "王改名", "attachment-document": file()}
    assert officer.post(address, typed | {"attach": "1"}).status_code == 200
    assert not Review.objects.exists()
    assert officer.post(address, typed | {"attachment-document": ""}).status_code == 302
    assert Review.objects.get(kind="correction").attachments.attachments.count() == 1


def test_a_request_for_a_member_and_letting_go_take_them_along(client, cast):
    member, other = make_member(cast.union), make_member(cast.union, name="李小红")
    client.force_login(cast.neighbour_officer)
    one = reverse("transfers:bring_in_one")
    asked = {"name": member.name, "number": member.document_number}
    assert client.post(one, {"name": "", "number": "", "attach": "1", "attachment-document": file()}).status_code == 200
    assert client.post(one, asked).status_code == 302
    assert Transfer.objects.get(member=member).attachments.attachments.count() == 1
    client.force_login(cast.officer)
    release = reverse("transfers:release")
    chosen = {"member": other.pk, "way": "leave", "reason": "", "attachment-document": file()}
    assert client.post(release, chosen).status_code == 422
    response = client.post(release, {"member": other.pk, "way": "leave", "reason": "resigned"})
    assert response.status_code == 302
    assert Transfer.objects.get(member=other).attachments.attachments.count() == 1


def test_who_may_not_ask_is_offered_nothing(client, cast):
    client.force_login(cast.newcomer)
    assert "attachment-document" not in client.get(reverse("transfers:bring_in")).text
