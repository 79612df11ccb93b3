-- Owes the report of a release to some, and notes others to whom it is settled,
-- unless something is written down of that release already.
INSERT INTO outbox
SELECT $1, owed.recipient_group, CASE WHEN owed.settled THEN 0 END
FROM (SELECT unnest(CAST($2 AS VARCHAR[])) AS recipient_group, unnest(CAST($3 AS BOOLEAN[])) AS settled) AS owed
WHERE NOT EXISTS (FROM outbox AS known WHERE known.release = $1);
