-- The present status of some codes, and where each stands in the last file that
-- has it. $1: the codes, NULL for all.
SELECT code, codes.status, coalesce(record_lines.sequence_number, ''), record_lines.source_line,
       coalesce(processing_note_text, ''), coalesce(noc_list, '')
FROM codes
JOIN record_lines USING (code)
WHERE $1 IS NULL OR code IN (SELECT unnest(CAST($1 AS VARCHAR[])))
QUALIFY row_number() OVER (PARTITION BY code ORDER BY record_lines.release_order DESC) = 1;
