"""Documents of programmes: a PDF of its pages alone; who may, how many, and what is refused."""

from functools import partial
from io import BytesIO

import pikepdf
import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction

from gonghui.audit.models import Entry
from gonghui.bookings.documents import actions
from gonghui.bookings.documents.actions import add_document, remove_document
from gonghui.bookings.models import Announcement, Document
from gonghui.bookings.programmes.actions import cancel_programme
from gonghui.kit.errors import Refused
from tests.at_once import DONE, at_once
from tests.bookings.offers import drafted, published
from tests.bookings.shown import documented
from tests.people import make_cast
from tests.publishing.stories import drawn
from tests.scans import arm, bomb, pdf

pytestmark = pytest.mark.django_db


def titles(programme) -> list[tuple[int, str]]:
    return list(Document.objects.filter(programme=programme).order_by("order").values_list("order", "title"))


@pytest.fixture
def programme(cast):
    return drafted(cast)


def test_a_pdf_is_kept_without_its_scripts_and_recorded(programme, cast):
    document = add_document(programme, ContentFile(pdf(arm, pages=2), "C:\\行程单.pdf"), by=cast.district_admin)
    assert (document.title, document.pages, document.size) == ("行程单", 2, len(bytes(document.content)))
    with pikepdf.open(BytesIO(bytes(document.content))) as opened:
        assert not {"/OpenAction", "/AA", "/Names", "/AcroForm"} & set(opened.Root.keys())
    assert b"SCRIPT" not in bytes(document.content)
    assert Entry.objects.get(verb="programme.documented").data == {"document": "行程单", "pages": 2}


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "这个文件是空的"),
        (drawn(100, 100), "只能上传 PDF 文件"),
        (b"PK\x03\x04word/document.xml", "只能上传 PDF 文件"),
        (b"%PDF-1.7 nothing", "这个 PDF 已损坏"),
        (pdf(encryption=pikepdf.Encryption(owner="a", user="b")), "设有打开密码"),
        (pdf(partial(bomb, megabytes=300)), "展开后的内容太多"),
        (b"%PDF-" + bytes(10 * 1024 * 1024), "超过上限 10 MB"),
    ],
    ids=["empty", "picture", "Word", "damaged", "password", "bomb", "large"],
)
def test_what_is_no_good_pdf_is_refused(programme, cast, data, sentence):
    with pytest.raises(Refused, match=sentence):
        add_document(programme, ContentFile(data, "a.pdf"), title="行程单", by=cast.district_admin)
    assert not Document.objects.exists()


@pytest.mark.parametrize("who", ["officer", "reviewer", "viewer", "bureau_admin", "platform_admin"])
def test_only_who_publishes_the_programme_changes_its_documents(programme, cast, who):
    document = documented(programme, by=cast.district_admin)
    for act in (partial(documented, programme, "又一份", pages=2), partial(remove_document, document)):
        with pytest.raises(Refused, match="只有发布这个项目的工会的管理员"):
            act(by=getattr(cast, who))
    assert titles(programme) == [(1, "行程单")]


def test_six_are_enough_and_the_database_holds_no_more(programme, cast, monkeypatch):
    monkeypatch.setattr(actions, "MAX_DOCUMENTS", 2)
    for pages in (1, 2):
        documented(programme, f"资料{pages}", pages=pages, by=cast.district_admin)
    with pytest.raises(Refused, match="最多 2 份资料"):
        documented(programme, "又一份", pages=3, by=cast.district_admin)
    for number in (0, 7):
        with pytest.raises(IntegrityError, match="programme_document_order_in_range"), transaction.atomic():
            Document.objects.filter(programme=programme, order=2).update(order=number)
    monkeypatch.undo()
    monkeypatch.setattr(actions, "ADDED_A_DAY", 2)
    with pytest.raises(Refused, match="今天已上传 2 份资料"):
        documented(drafted(cast), by=cast.district_admin)


def test_the_same_file_and_the_same_title_are_taken_once(programme, cast):
    documented(programme, by=cast.district_admin)
    with pytest.raises(Refused, match="已经在这个项目中，名称是“行程单”"):
        documented(programme, "另一个名称", by=cast.district_admin)
    with pytest.raises(Refused, match="已有名称是“行程单”的资料"):
        documented(programme, pages=2, by=cast.district_admin)
    with pytest.raises(Refused, match="名称不能超过 40 个字"):
        documented(programme, "长" * 41, pages=2, by=cast.district_admin)


def test_a_removed_document_leaves_no_gap(programme, cast):
    one, _, _ = (documented(programme, f"资料{n}", pages=n, by=cast.district_admin) for n in (1, 2, 3))
    remove_document(one, by=cast.district_admin)
    assert titles(programme) == [(1, "资料2"), (2, "资料3")]
    with pytest.raises(Refused, match="刚刚已经删除"):
        remove_document(one, by=cast.district_admin)
    assert Entry.objects.get(verb="programme.undocumented").data == {"document": "资料1"}


def test_a_change_after_publishing_tells_nobody_and_of_what_is_cancelled_nothing_changes(cast):
    programme = published(cast)
    remove_document(documented(programme, by=cast.district_admin), by=cast.district_admin)
    kept = documented(programme, by=cast.district_admin)
    assert not Announcement.objects.exists()
    cancel_programme(programme, reason="天气原因", by=cast.district_admin)
    for act in (partial(documented, programme, "又一份", pages=2), partial(remove_document, kept)):
        with pytest.raises(Refused, match="取消，不能再操作"):
            act(by=cast.district_admin)


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_a_double_click_adds_one_document():
    cast = make_cast()
    programme = drafted(cast)
    outcomes = sorted(at_once(*[partial(documented, programme, by=cast.district_admin)] * 2))
    assert outcomes[0] == DONE
    assert "已经在这个项目中" in outcomes[1]
    assert titles(programme) == [(1, "行程单")]
