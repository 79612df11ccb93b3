-- The codes of which the published file has something else than the warehouse. The
-- variable published_order is the latest release in the file.
CREATE OR REPLACE TEMPORARY TABLE touched_codes AS
    SELECT DISTINCT code
    FROM warehouse.main.record_spans
    WHERE first_release_order > getvariable('published_order')
       OR last_release_order >= getvariable('published_order')
       OR (last_release_order IS NULL AND action_code <> 'N');
