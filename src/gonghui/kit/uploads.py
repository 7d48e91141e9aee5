"""Uploads with a limit: bytes past it are not stored."""

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest

MAX_UPLOAD_BYTES = 10 * 1024 * 1024
TOO_LARGE = "gonghui.upload_too_large"


class BoundedUploadHandler(FileUploadHandler):
    """Keeps a request's uploads in memory up to MAX_UPLOAD_BYTES; past it drops the rest and marks the request.

    The form then says so in a sentence (``too_large``), instead of a broken connection.
    """

    request: HttpRequest  # Django creates the handler with it
    buffer: BytesIO
    received = 0  # bytes of all files of the request, so many small files do not pass

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.buffer = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.received += len(raw_data)
        if self.received > MAX_UPLOAD_BYTES:
            self.request.META[TOO_LARGE] = True
            raise StopUpload(connection_reset=False)
        self.buffer.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        self.buffer.seek(0)
        return InMemoryUploadedFile(
            self.buffer,
            self.field_name,
            self.file_name,
            self.content_type,
            file_size,
            self.charset,
            self.content_type_extra,
        )


def too_large(request: HttpRequest) -> bool:
    """Whether the request carried files over MAX_UPLOAD_BYTES (the fields after them are lost too)."""
    request.POST  # noqa: B018 (parsing the body is what sets the mark)
    return bool(request.META.get(TOO_LARGE))
