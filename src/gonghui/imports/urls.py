"""Addresses of the imports' pages."""

from django.urls import path

from gonghui.imports import views

app_name = "imports"
urlpatterns = [
    path("<int:pk>/", views.batch, name="batch"),
    path("<int:pk>/marked/", views.marked, name="marked"),
    path("<int:pk>/mend/", views.mend, name="mend"),
    path("<int:pk>/columns/", views.tell_columns, name="tell_columns"),
    path("<int:pk>/take/", views.take, name="take"),
    path("<int:pk>/undo/", views.undo, name="undo"),
    path("<int:pk>/discard/", views.discard, name="discard"),
    path("<slug:kind>/", views.upload, name="upload"),
    path("<slug:kind>/template/", views.template, name="template"),
    path("<slug:kind>/progress/", views.progress, name="progress"),
]
