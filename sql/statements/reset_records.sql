-- Empties what stands for the order of the releases, to be filled again: the
-- records with the releases that carry them, and what was published of them.
DELETE FROM record_spans;
DELETE FROM last_records;
DELETE FROM change_counts;
DELETE FROM publication;
