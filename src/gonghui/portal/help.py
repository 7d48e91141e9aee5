"""Which chapter of the operation manual tells about a page: the one of the app that serves it (SPEC 7.5)."""

CHAPTERS = {
    "accounts": "accounts",
    "attachments": "filing",
    "audit": "reviewing",
    "cards": "cards",
    "codelists": "reviewing",
    "filings": "filing",
    "imports": "members",
    "inspections": "inspection",
    "members": "members",
    "notices": "signing-in",
    "policies": "reviewing",
    "reviews": "reviewing",
    "transfers": "transfers",
    "unions": "reviewing",
}
"""By the app's URL namespace; the pages of no app (the front page, the search) have the table of contents."""
