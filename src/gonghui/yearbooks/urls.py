from django.urls import path

from gonghui.yearbooks.sheets import views as sheets
from gonghui.yearbooks.tables import views as tables

app_name = "yearbooks"
urlpatterns = [
    path("", tables.list_yearbooks, name="list"),
    path("create/", tables.create, name="create"),
    path("<int:pk>/", tables.table, name="table"),
    path("<int:pk>/edit/", tables.edit, name="edit"),
    path("<int:pk>/open/", tables.open_yearbook, name="open"),
    path("sheets/<int:pk>/", sheets.sheet, name="sheet"),
    path("sheets/<int:pk>/fill/", sheets.fill, name="fill"),
    path("sheets/<int:pk>/sign/", sheets.sign, name="sign"),
    path("sheets/<int:pk>/send-back/", sheets.send_back, name="send_back"),
    path("sheets/<int:pk>/workbook/", sheets.workbook, name="workbook"),
]
