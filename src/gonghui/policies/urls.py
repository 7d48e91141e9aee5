from django.urls import path

from gonghui.policies import views
from gonghui.policies.columns import views as columns

app_name = "policies"
urlpatterns = [
    path("", views.own, name="own"),
    path("<int:pk>/", views.policy, name="policy"),
    path("columns/", columns.columns, name="columns"),
    path("columns/<slug:key>/edit/", columns.edit, name="columns_edit"),
    path("columns/drafts/<int:pk>/", columns.draft, name="draft"),
    path("columns/drafts/<int:pk>/confirm/", columns.confirm, name="confirm"),
    path("columns/drafts/<int:pk>/withdraw/", columns.withdraw, name="withdraw"),
]
