from django.urls import path

from gonghui.inspections.completion import views as completion
from gonghui.inspections.confirmations import views as confirmations
from gonghui.inspections.members import views as members
from gonghui.inspections.windows import views as windows

app_name = "inspections"
urlpatterns = [
    path("", confirmations.home, name="home"),
    path("confirm/", confirmations.confirm, name="confirm"),
    path("members/", members.members, name="members"),
    path("members/check/<slug:key>/", members.doubtful, name="doubtful"),
    path("confirmations/<int:pk>/members/", members.member_list, name="member_list"),
    path("confirmations/<int:pk>/members/export/", members.export_members, name="export_members"),
    path("confirmations/<int:pk>/covered/", confirmations.covered_list, name="covered_list"),
    path("confirmations/<int:pk>/", confirmations.confirmation, name="confirmation"),
    path("confirmations/<int:pk>/reopen/", confirmations.reopen, name="reopen"),
    path("windows/", windows.list_windows, name="windows"),
    path("windows/open/", windows.open_window, name="open"),
    path("windows/<int:pk>/", completion.completion, name="completion"),
    path("windows/<int:pk>/remind/", completion.remind, name="remind"),
    path("windows/<int:pk>/export/", completion.export, name="export"),
    path("windows/<int:pk>/extend/", windows.extend_window, name="extend"),
    path("windows/<int:pk>/close/", windows.close_window, name="close"),
]
