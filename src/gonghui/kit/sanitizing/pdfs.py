"""Rewrites a PDF from its pages only.

The active parts are in the catalogue (scripts, actions on opening, forms, embedded files) or on a page (actions,
annotations). The catalogue is not copied, and only the drawn content of a page is. The appearance of annotations, such
as the seal of an electronic signature, is drawn into the page first.
"""

import math
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pikepdf

from gonghui.kit.errors import Refused

MAX_PAGES = 200
MAX_OBJECTS = 50_000
MAX_DRAWING = 256 * 1024 * 1024
"""Unpacked bytes of all streams but pictures: a file of 10 MB can contain ten gigabytes of zeros."""
MAX_PICTURE_PIXELS = 100_000_000

UNPACKED = {"/FlateDecode", "/LZWDecode", "/ASCII85Decode", "/ASCIIHexDecode"}
"""The compressions of drawings."""
PAGE_KEYS = {"/Type", "/MediaBox", "/CropBox", "/Rotate", "/UserUnit", "/Resources", "/Contents", "/Group"}
"""The kept entries of a page."""
STREAM_KEYS = {
    "/AA", "/A", "/AF", "/Metadata", "/PieceInfo", "/OPI", "/Ref", "/Alternates", "/StructParent", "/StructParents",
    "/F", "/FFilter", "/FDecodeParms", "/LastModified",
}  # fmt: skip
"""The removed entries of a stream: they draw nothing, or load data from another file."""
ACTIVE_KEYS = {
    "/JS", "/JavaScript", "/OpenAction", "/EmbeddedFile", "/EmbeddedFiles", "/EF", "/XFA", "/AcroForm", "/URI",
}  # fmt: skip
"""The entries removed everywhere."""


def write_anew(data: bytes) -> tuple[bytes, int]:
    """Returns a PDF of the pages only, and their number. Raises Refused."""
    try:
        with pikepdf.open(BytesIO(data)) as source, pikepdf.new() as target:
            _require_bounds(source)
            _flatten(source)
            for page in source.pages:
                _keep(page.obj, PAGE_KEYS)
            target.pages.extend(source.pages)
            for thing in target.objects:
                _disarm(thing)
            written = BytesIO()
            target.save(written, fix_metadata_version=False, object_stream_mode=pikepdf.ObjectStreamMode.generate)
            return written.getvalue(), len(target.pages)
    except pikepdf.PasswordError as error:
        raise Refused("这个 PDF 设有打开密码，审核人看不到内容。请取消密码，或打印后重新扫描，再上传。") from error
    except (pikepdf.PdfError, TypeError, AttributeError, KeyError) as error:  # the last three: a wrong structure
        raise Refused("这个 PDF 已损坏，读不出来。请重新扫描，或用打印功能另存为新的 PDF 后再上传。") from error


def _require_bounds(source: pikepdf.Pdf) -> None:
    pages = len(source.pages)
    if pages == 0:
        raise Refused("这个 PDF 没有页面。请重新扫描后再上传。")
    if pages > MAX_PAGES:
        raise Refused(f"这个 PDF 有 {pages} 页，超过上限 {MAX_PAGES} 页。请只上传需要的页面。")
    too_much = Refused("这个 PDF 展开后的内容太多，不能接收。请打印后重新扫描，再上传。")
    if len(source.objects) > MAX_OBJECTS:
        raise too_much
    drawing = 0.0
    for thing in source.objects:
        if not isinstance(thing, pikepdf.Stream):
            continue
        if thing.get("/Subtype") == "/Image":
            if int(thing.get("/Width", 0)) * int(thing.get("/Height", 0)) > MAX_PICTURE_PIXELS:
                raise too_much
            continue
        drawing += _unpacked_size(thing)
        if drawing > MAX_DRAWING:
            raise too_much


def _unpacked_size(stream: pikepdf.Stream) -> float:
    """Returns bytes; infinite for a stream that needs more memory than this process has."""
    if not {str(one) for one in _filters(stream)} <= UNPACKED:
        return len(stream.read_raw_bytes())  # a picture's compression: no drawing uses it
    try:
        return len(stream.read_bytes())
    except (pikepdf.PdfError, MemoryError):
        return math.inf


def _filters(stream: pikepdf.Stream) -> list[Any]:
    found: Any = stream.get("/Filter", pikepdf.Array())
    return [*found] if isinstance(found, pikepdf.Array) else [found]


def _flatten(source: pikepdf.Pdf) -> None:
    """Draws the appearance of visible annotations and fields into their pages."""
    if "/AcroForm" in source.Root:
        source.generate_appearance_streams()
    source.flatten_annotations("screen")


def _keep(dictionary: Any, keys: set[str]) -> None:
    for key in [*dictionary.keys()]:
        if key not in keys and key != "/Parent":
            del dictionary[key]


def _disarm(thing: Any) -> None:
    """Removes the active entries from an object and its inner objects."""
    for one in _inside(thing):
        if isinstance(one, pikepdf.Stream):
            _drop(one, STREAM_KEYS | ACTIVE_KEYS)
        elif isinstance(one, pikepdf.Dictionary):
            _drop(one, ACTIVE_KEYS)


def _inside(thing: Any) -> Iterator[Any]:
    """Yields the object and its direct inner objects; indirect ones are processed separately."""
    yield thing
    values: Any = ()
    if isinstance(thing, pikepdf.Stream | pikepdf.Dictionary):
        values = thing.values() if isinstance(thing, pikepdf.Dictionary) else thing.stream_dict.values()
    elif isinstance(thing, pikepdf.Array):
        values = thing
    for value in values:
        if isinstance(value, pikepdf.Object) and not value.is_indirect:
            yield from _inside(value)


def _drop(dictionary: Any, keys: set[str]) -> None:
    for key in keys & set(dictionary.keys()):
        del dictionary[key]
