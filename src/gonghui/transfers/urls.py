from django.urls import path

from gonghui.transfers.answers import views as answers
from gonghui.transfers.departures import views as departures
from gonghui.transfers.expulsions import views as expulsions
from gonghui.transfers.requests import views as requests

app_name = "transfers"
urlpatterns = [
    path("", answers.list_transfers, name="list"),
    path("incoming/", answers.incoming, name="incoming"),
    path("act/", answers.act, name="act"),
    path("in/", requests.bring_in, name="bring_in"),
    path("in/one/", requests.bring_in_one, name="bring_in_one"),
    path("in/template/", requests.template, name="template"),
    path("uploads/<int:pk>/", requests.upload, name="upload"),
    path("uploads/<int:pk>/export/", requests.export, name="export"),
    path("out/", departures.release, name="release"),
    path("out/target/", departures.target, name="target"),
    path("expulsions/", expulsions.list_expulsions, name="expulsions"),
    path("expulsions/acknowledge/", expulsions.acknowledge, name="acknowledge"),
    path("expulsions/<int:pk>/", expulsions.view, name="expulsion"),
    path("<int:pk>/", answers.view, name="view"),
]
