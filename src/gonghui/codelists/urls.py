from django.urls import path

from gonghui.codelists import views

app_name = "codelists"
urlpatterns = [
    path("", views.index, name="index"),
    path("values/<int:pk>/", views.code, name="code"),
    path("<slug:key>/", views.code_list, name="code_list"),
]
