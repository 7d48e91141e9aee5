"""Every address: the prefix is the app. Login is required everywhere but on the allow-list of tests/test_architecture.py."""

from django.urls import include, path

urlpatterns = [
    path("", include("gonghui.portal.urls")),
    path("", include("gonghui.publishing.public_urls")),
    path("publishing/", include("gonghui.publishing.urls")),
    path("accounts/", include("gonghui.accounts.urls")),
    path("accounts/", include("gonghui.accounts.allauth_urls")),
    path("filings/", include("gonghui.filings.urls")),
    path("reviews/", include("gonghui.reviews.urls")),
    path("attachments/", include("gonghui.attachments.urls")),
    path("unions/", include("gonghui.unions.urls")),
    path("policies/", include("gonghui.policies.urls")),
    path("superiors/", include("gonghui.superiors.urls")),
    path("circulars/", include("gonghui.circulars.urls")),
    path("exports/", include("gonghui.exports.urls")),
    path("codelists/", include("gonghui.codelists.urls")),
    path("members/", include("gonghui.members.urls")),
    path("inspections/", include("gonghui.inspections.urls")),
    path("transfers/", include("gonghui.transfers.urls")),
    path("cards/", include("gonghui.cards.urls")),
    path("bookings/", include("gonghui.bookings.urls")),
    path("statistics/", include("gonghui.statistics.urls")),
    path("yearbooks/", include("gonghui.yearbooks.urls")),
    path("duplicates/", include("gonghui.duplicates.urls")),
    path("national/", include("gonghui.national.urls")),
    path("imports/", include("gonghui.imports.urls")),
    path("registers/", include("gonghui.registers.urls")),
    path("notices/", include("gonghui.notices.urls")),
    path("audit/", include("gonghui.audit.urls")),
]

handler500 = "gonghui.portal.views.server_error"
