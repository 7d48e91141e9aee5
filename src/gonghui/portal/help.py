"""The chapter of the operation manual about a page: the chapter of the app that serves it (SPEC 7.5)."""

CHAPTERS = {
    "accounts": "accounts",
    "attachments": "filing",
    "audit": "reviewing",
    "cards": "cards",
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
"""By the app's URL namespace; pages of no app (the front page, the search) link to the table of contents."""
