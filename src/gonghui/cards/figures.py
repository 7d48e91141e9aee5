"""Recounts the month's figures from the tables: the same sums as of `card_states.count_event`."""

from gonghui.cards.models import Application, Batch, Card, Figure, Line, Order, ResultFile
from gonghui.kit.bulk import execute
from gonghui.unions.models import Union

_figures, _applications, _batches, _cards, _lines, _orders, _results, _unions = (
    model._meta.db_table for model in (Figure, Application, Batch, Card, Line, Order, ResultFile, Union)
)

_RECOUNT = f"""
WITH happened AS (
    SELECT batch.union_id, batch.day, CASE WHEN batch.purpose = 'loss' THEN 'lost' ELSE 'applied' END AS event
    FROM {_applications} AS application JOIN {_batches} AS batch ON batch.id = application.batch_id
    WHERE batch.purpose <> 'cancellation'
    UNION ALL
    SELECT batch.union_id, (coalesce(result.read_at, placed.created_at) AT TIME ZONE current_setting('TimeZone'))::date,
        CASE WHEN line.state <> 'done' THEN 'failed' WHEN placed.purpose = 'cancellation' THEN 'cancelled' ELSE 'made' END
    FROM {_lines} AS line JOIN {_orders} AS placed ON placed.id = line.order_id
    LEFT JOIN {_results} AS result ON result.id = line.result_id
    JOIN {_applications} AS application ON application.id = line.application_id
    JOIN {_batches} AS batch ON batch.id = application.batch_id
    WHERE line.state IN ('failed', 'left_out') OR (line.state = 'done' AND placed.purpose <> 'loss')
    UNION ALL
    SELECT batch.union_id, (card.issued_at AT TIME ZONE current_setting('TimeZone'))::date, 'issued'
    FROM {_cards} AS card
    JOIN {_applications} AS application ON application.card_id = card.id AND application.state = 'issued'
    JOIN {_batches} AS batch ON batch.id = application.batch_id)
INSERT INTO {_figures} (superior_id, month, event, count)
SELECT home.level3_id, date_trunc('month', happened.day)::date, happened.event, count(*)
FROM happened JOIN {_unions} AS home ON home.id = happened.union_id WHERE home.level3_id IS NOT NULL
GROUP BY 1, 2, 3
"""  # noqa: S608 (names of our own tables)


def recount() -> None:
    """Recounts all figures, in the caller's transaction. Past events of a union count for its present superior."""
    Figure.objects.all().delete()
    execute(_RECOUNT)
