-- The present status of code $1, and where it stands in the last file that has
-- it.
SELECT codes.status, coalesce(record_lines.sequence_number, ''), record_lines.source_line,
       coalesce(processing_note_text, ''), coalesce(noc_list, '')
FROM codes
JOIN record_lines USING (code)
WHERE code = $1
ORDER BY record_lines.release_order DESC
LIMIT 1;
