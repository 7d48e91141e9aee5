from django.urls import path

from gonghui.bookings.reports import views

urlpatterns = [
    path("reports/", views.report, name="report"),
    path("reports/export/", views.export, name="report_export"),
    path("reports/never/", views.never, name="never"),
    path("reports/never/export/", views.never_export, name="never_export"),
]
