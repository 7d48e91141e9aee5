"""The tables of the bookings: programmes, sessions, places, draws, the ledger."""

from gonghui.bookings.models.draws import Draw, DrawLine
from gonghui.bookings.models.ledger import Contest, LedgerEntry, LedgerFund, MaritalAnswer, SelfCheck
from gonghui.bookings.models.pictures import MAX_DOCUMENTS, MAX_PICTURES, Document, Picture, Rendition
from gonghui.bookings.models.places import Booking, Offer, Place, PlaceQuerySet, WaitingEntry
from gonghui.bookings.models.programmes import (
    PUBLISHING,
    Announcement,
    EligibilityRule,
    Fund,
    Package,
    Programme,
    Provider,
    Venue,
)
from gonghui.bookings.models.sessions import Session, SessionReminder, Share, ShareMove

__all__ = [
    "MAX_DOCUMENTS",
    "MAX_PICTURES",
    "PUBLISHING",
    "Announcement",
    "Booking",
    "Contest",
    "Document",
    "Draw",
    "DrawLine",
    "EligibilityRule",
    "Fund",
    "LedgerEntry",
    "LedgerFund",
    "MaritalAnswer",
    "Offer",
    "Package",
    "Picture",
    "Place",
    "PlaceQuerySet",
    "Programme",
    "Provider",
    "Rendition",
    "SelfCheck",
    "Session",
    "SessionReminder",
    "Share",
    "ShareMove",
    "Venue",
    "WaitingEntry",
]
