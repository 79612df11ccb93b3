-- Empties all that comes from releases. What is said of runs stays.
DELETE FROM releases;
DELETE FROM record_spans;
DELETE FROM record_lines;
DELETE FROM code_history;
DELETE FROM code_changes;
DELETE FROM field_changes;
DELETE FROM findings;
DELETE FROM last_records;
