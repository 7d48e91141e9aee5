from django.urls import path

from gonghui.filings.amendment import views as amendment_views
from gonghui.filings.coverage import views as coverage_views
from gonghui.filings.dissolution import views as dissolution_views
from gonghui.filings.filing import views
from gonghui.filings.registration import views as registration_views
from gonghui.filings.relocation import views as relocation_views
from gonghui.filings.reminders import views as reminder_views

app_name = "filings"
urlpatterns = [
    path("", views.own, name="own"),
    path("reveal/", views.reveal, name="reveal"),
    path("form/", views.start, name="start"),
    path("superiors/", views.superiors, name="superiors"),
    path("amend/", amendment_views.amend, name="amend"),
    path("relocate/", relocation_views.relocate, name="relocate"),
    path("coverage/", coverage_views.coverage, name="coverage"),
    path("coverage/add/", coverage_views.add, name="coverage_add"),
    path("coverage/<int:pk>/edit/", coverage_views.edit, name="coverage_edit"),
    path("coverage/<int:pk>/remove/", coverage_views.remove, name="coverage_remove"),
    path("dissolve/", dissolution_views.dissolve, name="dissolve"),
    path("dissolve/heir/", dissolution_views.heir, name="heir"),
    path("dissolutions/", dissolution_views.dissolutions, name="dissolutions"),
    path("dissolutions/<int:pk>/", dissolution_views.dissolution, name="dissolution"),
    path("dissolutions/<int:pk>/restore/", dissolution_views.restore, name="restore"),
    path("deadlines/", reminder_views.deadlines, name="deadlines"),
    path("deadlines/remind/", reminder_views.remind, name="remind"),
    path("deadlines/export/", reminder_views.export, name="deadlines_export"),
    path("reviews/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("register/", registration_views.register, name="register"),
    path("register/suggest/", registration_views.suggest, name="suggest"),
    path("claims/<int:pk>/withdraw/", registration_views.withdraw_claim, name="withdraw_claim"),
    path("unions/<int:pk>/", views.union, name="union"),
    path("unions/<int:pk>/coverage/", coverage_views.union_coverage, name="union_coverage"),
    path("unions/<int:pk>/coverage/export/", coverage_views.export, name="coverage_export"),
]
