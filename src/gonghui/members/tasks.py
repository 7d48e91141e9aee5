"""The jobs of the member register."""

from gonghui.kit.jobs import awaited
from gonghui.members.by_code import actions as code_import
from gonghui.members.models import CodeImport
from gonghui.members.states import CodeImportState


@awaited(
    "imports", waiting=lambda: CodeImport.objects.filter(state=CodeImportState.RUNNING), give_up=code_import.give_up
)
def import_by_code(pk: int) -> None:
    """Adds the people of one import by code, one transaction per chunk. A killed run continues where it stopped."""
    code_import.run_import(pk)
