"""Addresses of what everybody reads: they begin at the root."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from gonghui.publishing.downloads import views as downloads
from gonghui.publishing.models import Section
from gonghui.publishing.pictures import views as pictures
from gonghui.publishing.public import feeds, views
from gonghui.publishing.site import views as site


class SectionConverter(StringConverter):
    regex = "|".join(Section.values)


register_converter(SectionConverter, "section")

urlpatterns = [
    path("local/<slug:local>/", views.local, name="local"),
    path("local/<slug:local>/<slug:slug>/", views.article, name="local_article"),
    path("feeds/local/<slug:local>.xml", feeds.local_feed, name="local_feed"),
    path("<section:section>/", views.section, name="section"),
    path("<section:section>/<slug:slug>/", views.article, name="article"),
    path("feeds/<section:section>.xml", feeds.feed, name="feed"),
    path("search/", views.search, name="search"),
    path("preview/<str:token>/", views.preview, name="preview"),
    path("pictures/<uuid:key>/<int:width>.<rendition:kind>", pictures.show, name="picture"),
    path("downloads/<int:pk>/", downloads.send, name="download"),
    path("view/", site.view, name="view"),
]
