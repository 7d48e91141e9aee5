"""The jobs of the member register."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from gonghui.members import code_import


@app.task(queue="imports", retry=RetryStrategy(max_attempts=5, exponential_wait=3))
def import_by_code(pk: int) -> None:
    """Take in the people of one import by code, a chunk a transaction. A killed run is taken up where it stopped."""
    code_import.run_import(pk)
