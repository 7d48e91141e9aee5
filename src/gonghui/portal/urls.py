from django.urls import path

from gonghui.accounts import privacy_views
from gonghui.notices.views import demo_mail
from gonghui.portal import find_views, views

urlpatterns = [
    path("", views.portal, name="portal"),
    path("platform/", views.platform, name="platform"),
    path("help/", views.help_page, name="help"),
    path("downloads/", views.downloads, name="downloads"),
    path("manual/", views.manual, name="manual"),
    path("manual/whole/", views.manual_whole, name="manual_whole"),
    path("manual/file/", views.manual_file, name="manual_file"),
    path("manual/<slug:slug>/", views.manual_chapter, name="manual_chapter"),
    path("privacy/", privacy_views.read, name="privacy"),
    path("home/", views.home, name="home"),
    path("find/", find_views.results, name="find"),
    path("find/suggest/", find_views.suggest, name="find_suggest"),
    path("demo/mail/", demo_mail, name="demo_mail"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]
