"""Which scans a kind of request takes along; the app ``attachments`` keeps them."""

from dataclasses import dataclass

from django.db import models


class ScanKind(models.TextChoices):
    LICENCE = "licence", "营业执照"
    APPROVAL = "approval", "批复"
    DOCUMENT = "document", "证件"


@dataclass(frozen=True)
class Scans:
    """``allowed`` may be attached, ``required`` must be, one of each at least; without either the kind refuses all."""

    allowed: tuple[ScanKind, ...] = ()
    required: tuple[ScanKind, ...] = ()

    @property
    def kinds(self) -> list[ScanKind]:
        """All that may be attached, the required ones first."""
        return [*dict.fromkeys((*self.required, *self.allowed))]
