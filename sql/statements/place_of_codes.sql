-- The present status of the codes from $1 to $2, and where each stands in the
-- last file that has it.
WITH last_listed AS (
    SELECT code, max(coalesce(last_release_order, (SELECT max(release_order) FROM release_dates))) AS release_order
    FROM record_spans
    WHERE code BETWEEN $1 AND $2
    GROUP BY code
)
SELECT code, codes.status, coalesce(record_lines.sequence_number, ''), record_lines.source_line,
       coalesce(processing_note_text, ''), coalesce(noc_list, '')
FROM codes
JOIN last_listed USING (code)
JOIN record_lines USING (code, release_order)
WHERE code BETWEEN $1 AND $2;
