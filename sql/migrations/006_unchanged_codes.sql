-- 98 of 100 lines of a transaction report say that nothing was done. Nothing is
-- published of them, and who holds the reports against the data reads the reports
-- themselves, which are in the archive.
DELETE FROM transaction_reports WHERE action_code = 'N';
