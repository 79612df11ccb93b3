-- Empties what is derived from the releases' records.
DELETE FROM record_spans;
DELETE FROM code_history;
DELETE FROM code_changes;
DELETE FROM field_changes;
DELETE FROM last_records;
