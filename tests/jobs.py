"""Runs the queued jobs as the worker does, until the queue is empty."""

from procrastinate.contrib.django import app


def run_jobs(*queues: str) -> None:
    """Work through what is queued now (in a test with ``transaction=True``: a worker sees only what is committed)."""
    with app.replace_connector(app.connector.get_worker_connector()) as worker:
        worker.run_worker(queues=list(queues), wait=False, listen_notify=False, install_signal_handlers=False)
