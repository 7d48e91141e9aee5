"""Scans as people send them, and files that are none: made here, nobody's."""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image

ORIENTATION, MAKER, PLACE = 0x0112, 0x010F, 0x8825
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + rb"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def jpeg(width: int = 60, height: int = 40, *, turned: bool = False, comment: bytes = b"") -> bytes:
    """A photograph with what a phone writes into it; ``turned``: held upright."""
    exif = Image.Exif()
    exif[MAKER] = "SECRETPHONE"
    exif.get_ifd(PLACE)[1] = "N"
    if turned:
        exif[ORIENTATION] = 6
    file = BytesIO()
    Image.new("RGB", (width, height), "#c8102e").save(file, "JPEG", exif=exif, comment=comment)
    return file.getvalue()


def png(width: int = 60, height: int = 40, mode: str = "RGB", **more: Any) -> bytes:
    file = BytesIO()
    Image.new(mode, (width, height)).save(file, "PNG", **more)
    return file.getvalue()


def png_head(width: int, height: int) -> bytes:
    """What says of itself that it is so large, in 60 bytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def pdf(alter: Callable[[pikepdf.Pdf], None] | None = None, *, pages: int = 1, **saving: Any) -> bytes:
    """A PDF of blank pages, altered."""
    file = BytesIO()
    with pikepdf.new() as made:
        for _ in range(pages):
            made.add_blank_page(page_size=(595, 842))
        if alter:
            alter(made)
        made.save(file, **saving)
    return file.getvalue()


def arm(made: pikepdf.Pdf) -> None:
    """Everything at once that a viewer could act on."""
    script = Dictionary(S=Name.JavaScript, JS="app.alert('SCRIPT')")
    launch = Dictionary(S=Name.Launch, F="C:\\evil.exe")
    submit = Dictionary(S=Name.SubmitForm, F=Dictionary(FS=Name.URL, F="https://evil.example.test/"))
    made.attachments["evil.exe"] = b"MZ EMBEDDED"
    made.Root.OpenAction = script
    made.Root.AA = Dictionary(WC=script)
    made.Root.Names.JavaScript = Dictionary(Names=Array(["go", script]))
    page = made.pages[0].obj
    page.AA = Dictionary(O=launch)
    link = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Link,
        Rect=Array([0, 0, 9, 9]),
        A=Dictionary(S=Name.URI, URI="https://evil.example.test/"),
    )
    field = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Widget,
        FT=Name.Tx,
        T="field",
        Rect=Array([0, 0, 9, 9]),
        AA=Dictionary(K=script),
        A=submit,
    )
    page.Annots = Array([made.make_indirect(link), made.make_indirect(field)])
    made.Root.AcroForm = Dictionary(
        Fields=Array([page.Annots[1]]), XFA=pikepdf.Stream(made, b"<xdp>XFASCRIPT</xdp>"), NeedAppearances=True
    )
    made.Root.Metadata = pikepdf.Stream(made, b"<x:xmpmeta>AUTHORNAME</x:xmpmeta>")
    made.docinfo["/Author"] = "AUTHORNAME"


def bomb(made: pikepdf.Pdf, *, megabytes: int = 2_000) -> None:
    """A page that unpacks to gigabytes."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1024 * 1024)) for _ in range(megabytes)) + packer.flush()
    made.pages[0].obj.Contents = pikepdf.Stream(made, packed, Filter=Name.FlateDecode)


def heic() -> bytes:
    """The beginning of one."""
    return b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200)
