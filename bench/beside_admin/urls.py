"""The platform's addresses, and the admin's list of the signed-in officer's members."""

from typing import Any

from django.contrib.admin import AdminSite, ModelAdmin, display
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import path

from gonghui.config.urls import urlpatterns as platform
from gonghui.kit.documents import mask_address, mask_mobile, mask_number
from gonghui.members.models import Member


class Site(AdminSite):
    """Open to every signed-in user."""

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_authenticated


class MemberAdmin(ModelAdmin):
    """The columns, filters and masks of the member list, as few lines of Django make them."""

    list_display = ("number", "name", "sex", "document_type", "document", "address", "mobile", "has_card", "status")
    list_filter = ("status", "sex", "has_card")
    search_fields = ("name", "number")
    ordering = ("id",)
    list_per_page = 10

    @display(description="证件号码")
    def document(self, member: Member) -> str:
        return mask_number(member.document_number)

    @display(description="联系地址")
    def address(self, member: Member) -> str:
        return mask_address(member.address)

    @display(description="移动电话")
    def mobile(self, member: Member) -> str:
        return mask_mobile(member.mobile)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Member]:
        return super().get_queryset(request).filter(union=request.user.union_id)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    has_change_permission = has_add_permission = has_delete_permission = has_view_permission


site = Site()
site.register(Member, MemberAdmin)
urlpatterns = [*platform, path("admin/", site.urls)]
