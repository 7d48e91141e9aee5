"""What an uploaded file for the public is, by its content, and the bytes that are published."""

import hashlib

from gonghui.kit.errors import Refused
from gonghui.kit.sanitizing import sanitize
from gonghui.kit.uploads import MAX_UPLOAD_BYTES
from gonghui.publishing.models import FileKind

TOO_LARGE = f"文件超过上限 {MAX_UPLOAD_BYTES // 1024 // 1024} MB，没有上传。请压缩图片或拆成几个文件，再上传。"
MEDIA_TYPES = {
    FileKind.PDF: "application/pdf",
    FileKind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    FileKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_PARTS = {b"word/document.xml": FileKind.DOCX, b"xl/workbook.xml": FileKind.XLSX}
_MACROS = (b"vbaProject.bin", b"vbaData.xml", b"activeX", b"oleObject")


def taken_in(data: bytes) -> tuple[FileKind, bytes]:
    """Returns the kind and the bytes to publish: a PDF is written anew by a child, without its active parts.

    Of Word and Excel files only the names inside are read, as bytes; one with macros is refused. Raises Refused.
    """
    if not data:
        raise Refused("这个文件是空的，没有内容。请重新选择文件。", field="file")
    if len(data) > MAX_UPLOAD_BYTES:
        raise Refused(TOO_LARGE, field="file")
    if data.startswith(b"%PDF-"):
        return FileKind.PDF, sanitize(data).data
    kind = next((kind for part, kind in _PARTS.items() if part in data), None)
    if not data.startswith(b"PK\x03\x04") or kind is None:
        raise Refused("只能发布 PDF、Word（.docx）和 Excel（.xlsx）文件。请另存为其中一种，再上传。", field="file")
    if any(name in data for name in _MACROS):
        raise Refused("文件中带有宏或嵌入的程序，不能发布。请另存为不带宏的 .docx 或 .xlsx，再上传。", field="file")
    return kind, data


def checksum(data: bytes) -> str:
    """Returns the SHA-256 by which a reader compares what has arrived."""
    return hashlib.sha256(data).hexdigest()
