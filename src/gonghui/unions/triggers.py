"""What the database itself keeps of the tree: who stands under whom, and that nobody stands under a closed superior."""

import pgtrigger

ANCESTORS = pgtrigger.Trigger(
    name="ancestors",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("superior_id", "kind", "state"),
    declare=[("above", "unions_union%ROWTYPE")],
    # FOR SHARE: a superior that is being moved or closed at the same time is read as it is afterwards.
    func="""
        IF NEW.superior_id IS NULL THEN
            NEW.level2_id := NULL; NEW.level3_id := NULL; RETURN NEW;
        END IF;
        SELECT * INTO above FROM unions_union WHERE id = NEW.superior_id FOR SHARE;
        IF NOT (above.kind, NEW.kind) IN (('city', 'district'), ('city', 'bureau'), ('district', 'street'),
                ('bureau', 'company'), ('street', 'grassroots'), ('company', 'grassroots')) THEN
            RAISE EXCEPTION 'a % cannot stand under a %', NEW.kind, above.kind
                USING ERRCODE = 'check_violation', CONSTRAINT = 'union_stands_under';
        END IF;
        IF above.state = 'dissolved' AND NEW.state <> 'dissolved' THEN
            RAISE EXCEPTION 'the superior % is closed', above.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'union_stands_under_a_closed_one';
        END IF;
        NEW.level2_id := CASE WHEN above.kind = 'city' THEN NULL
            WHEN above.kind IN ('district', 'bureau') THEN above.id ELSE above.level2_id END;
        NEW.level3_id := CASE WHEN above.kind IN ('street', 'company') THEN above.id END;
        RETURN NEW;
    """,
)

DESCENDANTS = pgtrigger.Trigger(
    name="descendants",
    when=pgtrigger.After,
    operation=pgtrigger.UpdateOf("superior_id"),
    condition=pgtrigger.Condition("NEW.kind IN ('street', 'company') AND OLD.level2_id IS DISTINCT FROM NEW.level2_id"),
    func="UPDATE unions_union SET level2_id = NEW.level2_id WHERE level3_id = NEW.id; RETURN NULL;",
)

CLOSED = pgtrigger.Trigger(
    name="closed",
    when=pgtrigger.Before,
    operation=pgtrigger.UpdateOf("state"),
    condition=pgtrigger.Condition("NEW.kind <> 'grassroots' AND NEW.state = 'dissolved'"),
    func="""
        IF NEW.kind = 'city' OR EXISTS (
            SELECT FROM unions_union WHERE superior_id = NEW.id AND state <> 'dissolved'
        ) THEN
            RAISE EXCEPTION 'the union % has unions below it', NEW.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'union_closed_has_none_below';
        END IF;
        RETURN NEW;
    """,
)

TREE = [ANCESTORS, CLOSED, DESCENDANTS]
