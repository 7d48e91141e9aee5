from django.urls import path

from gonghui.policies import views

app_name = "policies"
urlpatterns = [path("<int:pk>/", views.policy, name="policy")]
