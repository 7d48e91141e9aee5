from django.urls import path

from gonghui.notices import views

app_name = "notices"
urlpatterns = [path("", views.list_notices, name="list")]
