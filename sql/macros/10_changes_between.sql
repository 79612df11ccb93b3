-- The net difference of two releases, the later compared with the earlier as if
-- none had been between; each is named as for known_place. One row for each
-- field that differs; one without a field for a code that was added, reappeared,
-- vanished or aged off, or of which CMS declares an action although nothing
-- differs. Values are text: repeated ones joined with semicolons. It is an error
-- to name the later release first.
CREATE MACRO changes_between(earlier, later) AS TABLE
WITH asked AS (
    SELECT known_order(earlier) AS old_place, known_order(later) AS new_place
),
compared AS (
    SELECT previous.release_order AS old_place, next.release_order AS new_place,
           previous.release AS previous_release, next.release AS release, next.effective_date,
           previous.quarter = next.quarter AS is_revision
    FROM asked
    JOIN releases AS previous ON previous.release_order = asked.old_place
    JOIN releases AS next ON next.release_order = CASE
        WHEN asked.old_place < asked.new_place THEN asked.new_place
        ELSE CAST(error('changes_between(earlier, later): the earlier release comes first, and the two must differ') AS INTEGER)
    END
),
-- The meaning that each code has, as known at the one release and at the other.
lives AS (
    SELECT code,
           max(life) FILTER (since.release_order <= old_place) AS old_life,
           max(life) FILTER (since.release_order <= new_place) AS new_life
    FROM compared, code_history
    JOIN releases AS since ON since.release = code_history.known_from
    GROUP BY code
),
old_records AS (
    SELECT record_spans.*
    FROM compared, record_spans
    WHERE first_release_order <= old_place AND coalesce(last_release_order, 99999999) >= old_place
),
new_records AS (
    SELECT record_spans.*
    FROM compared, record_spans
    WHERE first_release_order <= new_place AND coalesce(last_release_order, 99999999) >= new_place
),
pairs AS (
    SELECT code, old_records AS was, new_records AS now, old_life, new_life
    FROM old_records
    FULL JOIN new_records USING (code)
    JOIN lives USING (code)
    WHERE old_records.first_release_order IS DISTINCT FROM new_records.first_release_order
       OR coalesce(new_records.action_code, 'N') <> 'N'
),
values_of_fields AS (
    SELECT code, unnest([
        {'place': 1, 'field': 'long_description', 'old_value': was.long_description, 'new_value': now.long_description},
        {'place': 2, 'field': 'short_description', 'old_value': was.short_description, 'new_value': now.short_description},
        {'place': 3, 'field': 'pricing_indicators', 'old_value': array_to_string(was.pricing_indicators, ';'), 'new_value': array_to_string(now.pricing_indicators, ';')},
        {'place': 4, 'field': 'multiple_pricing_indicator', 'old_value': was.multiple_pricing_indicator, 'new_value': now.multiple_pricing_indicator},
        {'place': 5, 'field': 'coverage_issues_manual_refs', 'old_value': array_to_string(was.coverage_issues_manual_refs, ';'), 'new_value': array_to_string(now.coverage_issues_manual_refs, ';')},
        {'place': 6, 'field': 'medicare_carriers_manual_refs', 'old_value': array_to_string(was.medicare_carriers_manual_refs, ';'), 'new_value': array_to_string(now.medicare_carriers_manual_refs, ';')},
        {'place': 7, 'field': 'statute', 'old_value': was.statute, 'new_value': now.statute},
        {'place': 8, 'field': 'lab_certifications', 'old_value': array_to_string(was.lab_certifications, ';'), 'new_value': array_to_string(now.lab_certifications, ';')},
        {'place': 9, 'field': 'cross_references', 'old_value': array_to_string(was.cross_references, ';'), 'new_value': array_to_string(now.cross_references, ';')},
        {'place': 10, 'field': 'coverage_code', 'old_value': was.coverage_code, 'new_value': now.coverage_code},
        {'place': 11, 'field': 'asc_payment_group', 'old_value': was.asc_payment_group, 'new_value': now.asc_payment_group},
        {'place': 12, 'field': 'asc_payment_group_date', 'old_value': CAST(was.asc_payment_group_date AS VARCHAR), 'new_value': CAST(now.asc_payment_group_date AS VARCHAR)},
        {'place': 13, 'field': 'mog_payment_group', 'old_value': was.mog_payment_group, 'new_value': now.mog_payment_group},
        {'place': 14, 'field': 'mog_payment_policy', 'old_value': was.mog_payment_policy, 'new_value': now.mog_payment_policy},
        {'place': 15, 'field': 'mog_effective_date', 'old_value': CAST(was.mog_effective_date AS VARCHAR), 'new_value': CAST(now.mog_effective_date AS VARCHAR)},
        {'place': 16, 'field': 'processing_note', 'old_value': was.processing_note, 'new_value': now.processing_note},
        {'place': 17, 'field': 'betos', 'old_value': was.betos, 'new_value': now.betos},
        {'place': 18, 'field': 'types_of_service', 'old_value': array_to_string(was.types_of_service, ';'), 'new_value': array_to_string(now.types_of_service, ';')},
        {'place': 19, 'field': 'anesthesia_base_units', 'old_value': CAST(was.anesthesia_base_units AS VARCHAR), 'new_value': CAST(now.anesthesia_base_units AS VARCHAR)},
        {'place': 20, 'field': 'code_added_date', 'old_value': CAST(was.code_added_date AS VARCHAR), 'new_value': CAST(now.code_added_date AS VARCHAR)},
        {'place': 21, 'field': 'termination_date', 'old_value': CAST(was.termination_date AS VARCHAR), 'new_value': CAST(now.termination_date AS VARCHAR)}
    ]) AS of_field
    FROM pairs
    WHERE was.code IS NOT NULL AND now.code IS NOT NULL
),
differences AS (
    SELECT code, of_field.place, of_field.field, of_field.old_value, of_field.new_value
    FROM values_of_fields
    WHERE of_field.old_value IS DISTINCT FROM of_field.new_value
),
changes AS (
    SELECT release, previous_release, pairs.code, coalesce(now.kind, was.kind) AS kind,
           CASE
               WHEN now.code IS NULL AND was.termination_date BETWEEN '1950-01-01' AND '2199-12-31'
                    AND was.termination_date < effective_date THEN 'aged_off'
               WHEN now.code IS NULL THEN 'vanished'
               WHEN old_life IS NULL THEN 'added'
               WHEN new_life > old_life THEN 'reused'
               WHEN was.code IS NULL THEN 'reappeared'
               WHEN differing.code IS NOT NULL AND was.termination_date IS NULL AND now.termination_date IS NOT NULL THEN 'discontinued'
               WHEN differing.code IS NOT NULL AND was.termination_date IS NOT NULL AND now.termination_date IS NULL THEN 'reactivated'
               WHEN differing.code IS NOT NULL THEN 'changed'
               WHEN coalesce(now.action_code, 'N') <> 'N' AND NOT (is_revision AND now.action_code IS NOT DISTINCT FROM was.action_code
                    AND now.action_effective_date IS NOT DISTINCT FROM was.action_effective_date) THEN 'declared_only'
               WHEN now.action_effective_date IS DISTINCT FROM was.action_effective_date THEN 'date_only'
           END AS change,
           CASE WHEN now.code IS NULL THEN old_life ELSE new_life END AS life,
           was.action_effective_date AS old_date, now.action_effective_date AS new_date
    FROM compared, pairs
    LEFT JOIN (SELECT DISTINCT code FROM differences) AS differing USING (code)
)
SELECT release, previous_release, changes.code, kind, change, life,
       CASE WHEN change = 'date_only' THEN 'action_effective_date' ELSE field END AS field,
       CASE WHEN change = 'date_only' THEN CAST(old_date AS VARCHAR) ELSE old_value END AS old_value,
       CASE WHEN change = 'date_only' THEN CAST(new_date AS VARCHAR) ELSE new_value END AS new_value
FROM changes
LEFT JOIN differences ON differences.code = changes.code
WHERE change IS NOT NULL
ORDER BY changes.code, place;
