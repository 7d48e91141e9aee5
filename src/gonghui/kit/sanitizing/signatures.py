"""Detects the type of a file by its first bytes, not by its name."""

from gonghui.kit.errors import Refused

_WANTED = "请上传 PDF、JPG 或 PNG 文件：可以重新扫描、拍照，或打开后另存为这几种格式。"
_HEAD = 1024
"""The maximum offset of a PDF's header, as in PDF readers."""

_HEIC = (
    "这是 HEIC 格式的照片，平台不能接收。请在手机“设置－相机－格式”中选“兼容性最佳”后重新拍照，或另存为 JPG 后上传。"
)
_OTHERS = [
    (0, b"GIF8", "GIF 图片"),
    (0, b"BM", "BMP 图片"),
    (0, b"II*\0", "TIFF 图片"),
    (0, b"MM\0*", "TIFF 图片"),
    (8, b"WEBP", "WebP 图片"),
    (0, b"PK\3\4", "压缩文件或 Office 文档"),
    (0, b"Rar!", "压缩文件"),
    (0, b"7z\xbc\xaf", "压缩文件"),
    (0, b"\xd0\xcf\x11\xe0", "旧版 Office 文档"),
    (0, b"MZ", "程序文件"),
    (0, b"\x7fELF", "程序文件"),
]


def type_of(data: bytes) -> str:
    """Returns "pdf", "jpeg" or "png". Raises Refused with the file's real type and the remedy."""
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if b"%PDF-" in data[:_HEAD]:
        return "pdf"
    if data[4:8] == b"ftyp" and data[8:12] in {b"heic", b"heix", b"hevc", b"heim", b"mif1", b"msf1"}:
        raise Refused(_HEIC)
    for start, signature, label in _OTHERS:
        if data[start : start + len(signature)] == signature:
            raise Refused(f"这是{label}，不是扫描件，没有接收。{_WANTED}")
    beginning = data[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if beginning.startswith(b"<svg") or (beginning.startswith((b"<?xml", b"<!--")) and b"<svg" in beginning):
        raise Refused(f"这是 SVG 图形，不是扫描件，没有接收。{_WANTED}")
    if beginning.startswith(b"<"):
        raise Refused(f"这是网页文件，不是扫描件，没有接收。{_WANTED}")
    raise Refused(f"这个文件的内容不是扫描件（只改文件名不能改变格式），没有接收。{_WANTED}")
