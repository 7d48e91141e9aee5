from django.urls import path

from gonghui.members.by_code import views as code_views
from gonghui.members.looks.views import looks
from gonghui.members.register import views
from gonghui.members.retention.views import retention

app_name = "members"
urlpatterns = [
    path("", views.list_members, name="list"),
    path("add/", views.add, name="add"),
    path("check/", views.check, name="check"),
    path("export/", views.export, name="export"),
    path("fit/", views.fit, name="fit"),
    path("retention/", retention, name="retention"),
    path("by-code/", code_views.by_code, name="by_code"),
    path("by-code/start/", code_views.start, name="by_code_start"),
    path("by-code/progress/", code_views.progress, name="by_code_progress"),
    path("by-code/<int:pk>/withdraw/", code_views.withdraw, name="by_code_withdraw"),
    path("<int:pk>/", views.view, name="view"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("<int:pk>/reveal/", views.reveal, name="reveal"),
    path("<int:pk>/masked/", views.masked, name="masked"),
    path("<int:pk>/versions/", views.versions, name="versions"),
    path("<int:pk>/looks/", looks, name="looks"),
]
