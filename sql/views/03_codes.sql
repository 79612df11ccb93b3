-- Every code ever seen, as it stands on the first day of the latest release's
-- quarter, as known now: one row a code. A code that the latest file leaves out
-- keeps the record it last had; it is unlisted, or terminated if it had ended.
CREATE VIEW codes AS
WITH latest AS (
    SELECT release
    FROM releases
    WHERE state = 'loaded'
    ORDER BY release_order DESC
    LIMIT 1
),
seen AS (
    SELECT code,
           arg_min(first_release, first_release_order) AS first_release,
           arg_max(coalesce(last_release, (SELECT release FROM latest)), first_release_order) AS last_release
    FROM record_spans
    GROUP BY code
),
noc AS (
    SELECT code, max(quarter) AS noc_list
    FROM noc_codes
    GROUP BY code
),
notes AS (
    SELECT note, arg_max(text, quarter) AS processing_note_text
    FROM processing_notes
    GROUP BY note
)
SELECT code, kind, present_stretches.status,
       life, first_release, last_release,
       long_description, short_description, pricing_indicators, multiple_pricing_indicator,
       coverage_issues_manual_refs, medicare_carriers_manual_refs, statute, lab_certifications,
       cross_references, coverage_code, asc_payment_group, asc_payment_group_date,
       mog_payment_group, mog_payment_policy, mog_effective_date, processing_note, betos,
       types_of_service, anesthesia_base_units, code_added_date, termination_date,
       processing_note_text, noc_list
FROM code_history
JOIN present_stretches USING (code, valid_from)
JOIN seen USING (code)
LEFT JOIN noc USING (code)
LEFT JOIN notes ON notes.note = code_history.processing_note
WHERE known_to IS NULL;
