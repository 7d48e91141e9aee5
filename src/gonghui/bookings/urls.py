"""Addresses of bookings: each subject has its own module, all in one namespace."""

from django.urls import include, path

app_name = "bookings"
urlpatterns = [
    path("", include("gonghui.bookings.programmes.urls")),
    path("", include("gonghui.bookings.pictures.urls")),
    path("", include("gonghui.bookings.sessions.urls")),
    path("", include("gonghui.bookings.rosters.urls")),
    path("", include("gonghui.bookings.providers.urls")),
    path("", include("gonghui.bookings.draws.urls")),
    path("", include("gonghui.bookings.reports.urls")),
    path("", include("gonghui.bookings.self_checks.urls")),
    path("", include("gonghui.bookings.catalogue.urls")),
]
