"""The former function behind every search by a fragment of a name, for the migrations that still name it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Func

SQL = """
CREATE OR REPLACE FUNCTION gonghui_bigrams(content text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE
    folded text := lower(content COLLATE "C");
    size int := char_length(folded);
    pairs text[] := '{}';
BEGIN
    IF size = 1 THEN
        RETURN ARRAY[folded];
    END IF;
    FOR i IN 1 .. size - 1 LOOP
        pairs := pairs || substr(folded, i, 2);
    END LOOP;
    RETURN pairs;
END
$$
"""


class Bigrams(Func):
    function = "gonghui_bigrams"
    output_field = ArrayField(models.TextField())
