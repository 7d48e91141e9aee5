"""The chapter of the operation manual about a page: the chapter of the app that serves it (SPEC 7.5)."""

from django.urls import ResolverMatch

CHAPTERS = {
    "accounts": "accounts",
    "attachments": "filing",
    "audit": "reviewing",
    "bookings": "bookings",
    "cards": "cards",
    "circulars": "circulars",
    "codelists": "reviewing",
    "exports": "exports",
    "duplicates": "duplicates",
    "filings": "filing",
    "imports": "members",
    "inspections": "inspection",
    "members": "members",
    "national": "national-forms",
    "notices": "signing-in",
    "policies": "reviewing",
    "registers": "registers",
    "publishing": "publishing",
    "reviews": "reviewing",
    "statistics": "statistics",
    "superiors": "reviewing",
    "transfers": "transfers",
    "unions": "reviewing",
    "yearbooks": "yearbooks",
}
"""By the app's URL namespace; the pages of no app (the front page, the search) have the table of contents."""

ELSEWHERE = {"registers:unorganised": "statistics"}
"""Pages that another chapter than their app's is about."""


def chapter_of(match: ResolverMatch) -> str | None:
    """The chapter about the page; of allauth's pages, which have no namespace, the one on signing in."""
    return (
        "signing-in"
        if match.view_name.startswith(("account_", "mfa_", "usersessions_"))
        else ELSEWHERE.get(match.view_name) or CHAPTERS.get(match.app_name)
    )
