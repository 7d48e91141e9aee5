"""Addresses of the registers."""

from django.urls import path

from gonghui.registers import views
from gonghui.registers.models import Register
from gonghui.registers.unorganised import views as unorganised

app_name = "registers"
urlpatterns = [
    path("employers/", views.register, {"register": Register.EMPLOYERS}, name="employers"),
    path("members/", views.register, {"register": Register.MEMBERS}, name="members"),
    path("unorganised/", unorganised.unorganised, name="unorganised"),
    path("unorganised/export/", unorganised.export, name="unorganised_export"),
    path("<slug:register>/template/", views.template, name="template"),
    path("<slug:register>/search/", views.search, name="search"),
    path("<slug:register>/start/", views.start, name="start"),
    path("loads/<int:pk>/", views.load, name="load"),
    path("loads/<int:pk>/piece/", views.piece, name="piece"),
    path("loads/<int:pk>/check/", views.check, name="check"),
    path("loads/<int:pk>/confirm/", views.confirm, name="confirm"),
    path("loads/<int:pk>/discard/", views.discard, name="discard"),
    path("loads/<int:pk>/report/", views.report, name="report"),
]
