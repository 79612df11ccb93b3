-- Releases whose reports are settled with everyone to whom they were owed.
SELECT outbox.release
FROM outbox
LEFT JOIN deliveries USING (delivery)
GROUP BY outbox.release
HAVING bool_and(coalesce(deliveries.state IN ('done', 'withdrawn'), false))
ORDER BY outbox.release;
