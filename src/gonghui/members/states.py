"""The states of members and of their requests, each with its table of transitions."""

from django.db import models

from gonghui.kit.states import Transitions


class Status(models.TextChoices):
    """用户状态 of SPEC 3.1: in a union, or only in the register."""

    NORMAL = "normal", "正常"
    UNATTACHED = "unattached", "无工会"


STATUS_TRANSITIONS = Transitions(
    initial=[Status.NORMAL, Status.UNATTACHED],  # the latter: loaded into the register by the city
    following={Status.NORMAL: [Status.UNATTACHED], Status.UNATTACHED: [Status.NORMAL]},
)


class CorrectionState(models.TextChoices):
    """信息修改状态 of SPEC 3.1, except 「-」."""

    PENDING = "pending", "待审核"
    RETURNED = "returned", "已退回"


CORRECTION_TRANSITIONS = Transitions(
    initial=[""],
    following={
        "": [CorrectionState.PENDING],
        CorrectionState.PENDING: ["", CorrectionState.RETURNED],
        CorrectionState.RETURNED: ["", CorrectionState.PENDING],
    },
)


class CodeImportState(models.TextChoices):
    PENDING = "pending", "待审核"
    RUNNING = "running", "处理中"
    DONE = "done", "导入成功"
    REFUSED = "refused", "已退回"
    WITHDRAWN = "withdrawn", "已撤回"
    FAILED = "failed", "导入失败"


CODE_IMPORT_TRANSITIONS = Transitions(
    initial=[CodeImportState.PENDING, CodeImportState.RUNNING],
    following={
        CodeImportState.PENDING: [CodeImportState.RUNNING, CodeImportState.REFUSED, CodeImportState.WITHDRAWN],
        CodeImportState.RUNNING: [CodeImportState.DONE, CodeImportState.FAILED],
        CodeImportState.DONE: [],
        CodeImportState.REFUSED: [],
        CodeImportState.WITHDRAWN: [],
        CodeImportState.FAILED: [],
    },
)
