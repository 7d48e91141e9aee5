"""Addresses of the imports' pages."""

from django.urls import path

from gonghui.imports import views

app_name = "imports"
urlpatterns = [
    path("<int:pk>/", views.batch, name="batch"),
    path("<int:pk>/marked/", views.marked, name="marked"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/columns/", views.map_columns, name="map_columns"),
    path("<int:pk>/confirm/", views.confirm, name="confirm"),
    path("<int:pk>/undo/", views.undo, name="undo"),
    path("<int:pk>/discard/", views.discard, name="discard"),
    path("<slug:kind>/", views.upload, name="upload"),
    path("<slug:kind>/template/", views.template, name="template"),
    path("<slug:kind>/progress/", views.progress, name="progress"),
]
