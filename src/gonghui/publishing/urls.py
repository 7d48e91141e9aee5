from django.urls import path

from gonghui.publishing.articles import views as articles
from gonghui.publishing.downloads import views as downloads
from gonghui.publishing.local import views as local
from gonghui.publishing.pictures import views as pictures
from gonghui.publishing.site import views as site

app_name = "publishing"
urlpatterns = [
    path("", articles.list_articles, name="list"),
    path("new/", articles.new, name="new"),
    path("<int:pk>/", articles.article, name="article"),
    path("<int:pk>/edit/", articles.edit, name="edit"),
    path("<int:pk>/presence/", articles.presence, name="presence"),
    path("<int:pk>/revisions/<int:number>/", articles.revision, name="revision"),
    path("pictures/add/", pictures.add, name="add_picture"),
    path("downloads/", downloads.list_downloads, name="downloads"),
    path("downloads/new/", downloads.new, name="new_download"),
    path("downloads/<int:pk>/", downloads.download, name="download"),
    path("downloads/<int:pk>/withdraw/", downloads.withdraw, name="withdraw_download"),
    path("downloads/versions/<int:pk>/publish/", downloads.publish, name="publish_version"),
    path("local/", local.list_sections, name="local_sections"),
    path("local/<int:pk>/open/", local.open_page, name="open_local"),
    path("local/<int:pk>/close/", local.close_page, name="close_local"),
    path("settings/", site.settings_page, name="settings"),
]
