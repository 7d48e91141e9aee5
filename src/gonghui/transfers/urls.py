from django.urls import path

from gonghui.transfers.answers import views

app_name = "transfers"
urlpatterns = [
    path("", views.list_transfers, name="list"),
    path("incoming/", views.incoming, name="incoming"),
    path("act/", views.act, name="act"),
    path("in/", views.bring_in, name="bring_in"),
    path("in/one/", views.bring_in_one, name="bring_in_one"),
    path("in/template/", views.template, name="template"),
    path("uploads/<int:pk>/", views.upload, name="upload"),
    path("uploads/<int:pk>/export/", views.export, name="export"),
    path("out/", views.release, name="release"),
    path("out/target/", views.target, name="target"),
    path("<int:pk>/", views.view, name="view"),
]
