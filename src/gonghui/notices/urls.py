from django.urls import path

from gonghui.notices import views

app_name = "notices"
urlpatterns = [
    path("", views.list_notices, name="list"),
    path("<int:pk>/open/", views.open_notice, name="open"),
    path("settings/", views.notice_settings, name="settings"),
    path("read-all/", views.read_all, name="read_all"),
]
