"""Which scans a kind of request allows and requires; the app ``attachments`` stores them."""

from dataclasses import dataclass

from django.db import models


class ScanKind(models.TextChoices):
    LICENCE = "licence", "营业执照"
    APPROVAL = "approval", "批复"
    DOCUMENT = "document", "证件"
    INVOICE = "invoice", "发票"


@dataclass(frozen=True)
class Scans:
    """``allowed``: optional; ``required``: at least one of each; a kind with neither refuses all scans."""

    allowed: tuple[ScanKind, ...] = ()
    required: tuple[ScanKind, ...] = ()

    @property
    def kinds(self) -> list[ScanKind]:
        """Returns all kinds of scan that may be attached, the required ones first."""
        return [*dict.fromkeys((*self.required, *self.allowed))]
