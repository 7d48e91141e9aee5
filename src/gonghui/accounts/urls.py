from django.urls import path

from gonghui.accounts import views

app_name = "accounts"
urlpatterns = [
    path("settings/", views.settings_page, name="settings"),
    path("users/", views.list_users, name="list"),
]
