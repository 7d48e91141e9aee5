from django.urls import path

from gonghui.notices.views import demo_mail
from gonghui.portal import views

urlpatterns = [
    path("", views.portal, name="portal"),
    path("news/", views.news_list, name="news"),
    path("news/<int:pk>/", views.news_item, name="news_item"),
    path("platform/", views.platform, name="platform"),
    path("help/", views.help_page, name="help"),
    path("home/", views.home, name="home"),
    path("demo/mail/", demo_mail, name="demo_mail"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]
