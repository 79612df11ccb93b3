-- Where each code stands in the main file of each release: one row a release and code.
CREATE VIEW record_lines AS
SELECT places.release_order, code_numbers.code,
       CASE WHEN own.code IS NULL THEN common.sequence_number ELSE own.sequence_number END AS sequence_number,
       places.source_line
FROM record_places AS places
JOIN code_numbers USING (code_number)
LEFT JOIN sequence_numbers AS own ON own.release_order = places.release_order AND own.code = code_numbers.code
LEFT JOIN sequence_numbers AS common ON common.release_order = places.release_order AND common.code IS NULL;
