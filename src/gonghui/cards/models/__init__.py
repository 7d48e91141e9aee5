"""The tables of the cards: cards and their batches, and the orders of the card desk."""

from gonghui.cards.models.cards import (
    UNDO_DAYS,
    AgreedName,
    Application,
    ApplicationQuerySet,
    Batch,
    Card,
    CardBatchQuerySet,
    CardQuerySet,
    Figure,
    UnionCode,
)
from gonghui.cards.models.orders import Line, Order, Part, ResultFile, ResultPart

__all__ = [
    "UNDO_DAYS",
    "AgreedName",
    "Application",
    "ApplicationQuerySet",
    "Batch",
    "Card",
    "CardBatchQuerySet",
    "CardQuerySet",
    "Figure",
    "Line",
    "Order",
    "Part",
    "ResultFile",
    "ResultPart",
    "UnionCode",
]
