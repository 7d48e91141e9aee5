from django.urls import path

from gonghui.members import views

app_name = "members"
urlpatterns = [
    path("", views.list_members, name="list"),
    path("add/", views.add, name="add"),
    path("check/", views.check, name="check"),
    path("export/", views.export, name="export"),
    path("<int:pk>/", views.view, name="view"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("<int:pk>/reveal/", views.reveal, name="reveal"),
    path("<int:pk>/masked/", views.masked, name="masked"),
    path("<int:pk>/versions/", views.versions, name="versions"),
]
