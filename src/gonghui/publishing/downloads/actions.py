"""Files for the public, in versions."""

from django.core.files import File
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.kit.errors import Refused
from gonghui.publishing.downloads.files import checksum, taken_in
from gonghui.publishing.local.locking import locked_own, locked_part
from gonghui.publishing.models import MAX_TITLE, Download, DownloadVersion
from gonghui.publishing.rules import (
    LOCAL_KINDS,
    can_edit_part,
    can_edit_section,
    can_oversee,
    can_publish_version,
    can_restore,
    is_city_editor,
)
from gonghui.publishing.sentences import may_not
from gonghui.publishing.site.actions import locked_site

verbs.register(
    download__created="新建下载",
    download__uploaded="上传下载文件",
    download__published="发布下载文件",
    download__withdrawn="撤下下载",
    download__restored="恢复下载",
)
verbs.facts("download", version="版本", sha256="校验值")

WITHDRAWN_BY_CITY = "这个下载由市总工会撤下，只能由市总工会恢复。请与市总工会联系。"
MAX_NOTE = 200


def create_download(title: str, note: str, file: File, *, by: User) -> Download:
    """Adds a file under a title, its first version: to the city's, or to the section of the union of ``by``.

    Raises Refused: ``by`` may not, no title, or as ``taken_in``.
    """
    with transaction.atomic():
        local = None if by.union is None or by.union.kind not in LOCAL_KINDS else locked_own(by)
        require(can_edit_section, by, local, sentence=may_not(local))
        title, note = " ".join(title.split()), " ".join(note.split())
        if not title:
            raise Refused("请填写名称。", field="title")
        if len(title) > MAX_TITLE:
            raise Refused(f"名称有 {len(title)} 个字，请缩短到 {MAX_TITLE} 个字以内。", field="title")
        if len(note) > MAX_NOTE:
            raise Refused(f"说明有 {len(note)} 个字，请缩短到 {MAX_NOTE} 个字以内。", field="note")
        download = Download.objects.create(local=local, title=title, note=note, made_by=by)
        record("download.created", download, by=by)
        add_version(download, file, by=by)
    return download


def add_version(download: Download, file: File, *, by: User) -> DownloadVersion:
    """Adds a version; public at once, unless the city asks for a second person. Raises Refused: as it is, or as above."""
    require(can_edit_part, by, download, sentence=may_not(download.local))
    kind, content = taken_in(file.read())
    sha256 = checksum(content)
    with transaction.atomic():
        site = locked_site()
        download = locked_part(Download.objects.all(), download)
        require(can_edit_part, by, download, sentence=may_not(download.local))
        newest = download.versions.order_by("-number").defer("content").first()
        if newest and newest.sha256 == sha256:
            raise Refused(f"这个文件和第 {newest.number} 版完全相同，没有上传。请选择修改后的文件。", field="file")
        version = DownloadVersion.objects.create(
            download=download,
            number=newest.number + 1 if newest else 1,
            kind=kind,
            size=len(content),
            sha256=sha256,
            content=content,
            added_by=by,
        )
        record("download.uploaded", download, by=by, version=version.number, sha256=sha256)
        if not site.second_person:
            _publish(version, by)
    return version


def publish_version(version: DownloadVersion, *, by: User) -> DownloadVersion:
    """Raises Refused: ``by`` may not, has uploaded it where a second person must publish, or it is public already."""
    with transaction.atomic():
        site = locked_site()
        download = locked_part(Download.objects.all(), version.download)
        version = download.versions.select_for_update().get(pk=version.pk)
        require(can_oversee, by, download, sentence=may_not(download.local))
        sentence = "按门户设置，文件须由上传人以外的另一名管理员发布。请请同事发布。"
        require(can_publish_version, by, version, site, sentence=sentence)
        if version.published_at:
            raise Refused(f"第 {version.number} 版已经发布。请刷新页面查看。")
        _publish(version, by)
    return version


def set_withdrawn(download: Download, withdrawn: bool, *, by: User) -> Download:
    """Takes a file off the public pages, or puts it back. Raises Refused: ``by`` may not, or it is so already.

    What the city takes off a district's section only the city puts back.
    """
    with transaction.atomic():
        download = locked_part(Download.objects.all(), download)
        require(can_oversee, by, download, sentence=may_not(download.local))
        if download.withdrawn == withdrawn:
            raise Refused(f"这个下载{'已经撤下' if withdrawn else '没有撤下'}。请刷新页面查看。")
        if not withdrawn:
            sentence = WITHDRAWN_BY_CITY if download.withdrawn_by_city else may_not(download.local)
            require(can_restore, by, download, sentence=sentence)
        download.withdrawn = withdrawn
        download.withdrawn_by_city = withdrawn and download.local is not None and is_city_editor(by)
        download.save(update_fields=["withdrawn", "withdrawn_by_city"])
        record("download.withdrawn" if withdrawn else "download.restored", download, by=by)
    return download


def count_download(version: DownloadVersion) -> None:
    """Counts that the file was sent: a number, of nobody."""
    DownloadVersion.objects.filter(pk=version.pk).update(count=F("count") + 1)


def _publish(version: DownloadVersion, by: User) -> None:
    version.published_by, version.published_at = by, timezone.now()
    version.save(update_fields=["published_by", "published_at"])
    record("download.published", version.download, by=by, version=version.number)
