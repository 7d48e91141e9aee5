from django.urls import path

from gonghui.inspections.confirmations import views
from gonghui.inspections.members import views as member_views
from gonghui.inspections.windows import views as window_views

app_name = "inspections"
urlpatterns = [
    path("", views.home, name="home"),
    path("confirm/", views.confirm, name="confirm"),
    path("members/", member_views.members, name="members"),
    path("members/check/<slug:key>/", member_views.doubtful, name="doubtful"),
    path("confirmations/<int:pk>/members/", member_views.member_list, name="member_list"),
    path("confirmations/<int:pk>/members/export/", member_views.export_members, name="export_members"),
    path("confirmations/<int:pk>/", views.confirmation, name="confirmation"),
    path("confirmations/<int:pk>/reopen/", views.reopen, name="reopen"),
    path("windows/", window_views.list_windows, name="windows"),
    path("windows/open/", window_views.open_window, name="open"),
    path("windows/<int:pk>/", views.completion, name="completion"),
    path("windows/<int:pk>/remind/", views.remind, name="remind"),
    path("windows/<int:pk>/export/", views.export, name="export"),
    path("windows/<int:pk>/extend/", window_views.extend_window, name="extend"),
    path("windows/<int:pk>/close/", window_views.close_window, name="close"),
]
