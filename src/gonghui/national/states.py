"""The states of exports of the national forms, and of what has been reported by them."""

from django.db import models

from gonghui.kit.states import Transitions


class ExportState(models.TextChoices):
    """``MARKING``: the job enters what the export held as reported."""

    BUILDING = "building", "正在生成"
    READY = "ready", "已生成"
    MARKING = "marking", "正在登记"
    REPORTED = "reported", "已上报"
    FAILED = "failed", "没有生成"
    RECALLED = "recalled", "已收回"


EXPORT_TRANSITIONS = Transitions(
    initial=[ExportState.BUILDING],
    following={
        ExportState.BUILDING: [ExportState.READY, ExportState.FAILED, ExportState.RECALLED],
        ExportState.READY: [ExportState.MARKING, ExportState.RECALLED],
        ExportState.MARKING: [ExportState.REPORTED, ExportState.READY],  # READY: the job was given up
        ExportState.REPORTED: [],
        ExportState.FAILED: [],
        ExportState.RECALLED: [],
    },
)


class ReportState(models.TextChoices):
    """What became of a row of a form. It holds for the version that was reported: any other is 待报 (PENDING)."""

    REPORTED = "reported", "已报"
    RETURNED = "returned", "退回"


REPORT_TRANSITIONS = Transitions(
    initial=[ReportState.REPORTED, ReportState.RETURNED],  # the latter: what was reported outside the platform
    following={
        ReportState.REPORTED: [ReportState.RETURNED],
        ReportState.RETURNED: [ReportState.REPORTED],
    },
)

PENDING = "pending"
"""待报: nothing was reported, or a reported column has changed since. Never stored."""

STATES = {PENDING: "待报", **dict(ReportState.choices)}
