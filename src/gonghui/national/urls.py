from django.urls import path

from gonghui.national import views
from gonghui.national.exports import views as exports

app_name = "national"
urlpatterns = [
    path("", views.home, name="home"),
    path("unions/<int:pk>/", views.union, name="union"),
    path("unions/<int:pk>/members/", views.members, name="members"),
    path("exports/", exports.list_exports, name="exports"),
    path("exports/new/<slug:form>/", exports.ask, name="ask"),
    path("exports/<int:pk>/", exports.view, name="export"),
    path("exports/<int:pk>/files/<int:position>/", exports.download, name="download"),
    path("exports/<int:pk>/reported/", exports.mark, name="mark"),
]
