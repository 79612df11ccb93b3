-- Empties all that comes from releases. What is said of runs stays.
DELETE FROM releases;
DELETE FROM record_spans;
DELETE FROM record_places;
DELETE FROM sequence_numbers;
DELETE FROM findings;
DELETE FROM last_records;
DELETE FROM change_counts;
DELETE FROM transaction_reports;
DELETE FROM corrections;
DELETE FROM noc_codes;
DELETE FROM processing_notes;
DELETE FROM companions_read;
DELETE FROM companion_findings;
DELETE FROM publication;
DELETE FROM unpublished_companions;
