from django.urls import path

from gonghui.portal import views

urlpatterns = [
    path("", views.portal, name="portal"),
    path("home/", views.home, name="home"),
    path("help/", views.help_page, name="help"),
    path("platform/", views.platform, name="platform"),
]
