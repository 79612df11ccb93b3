-- Makes one delivery for each group of all that is owed to it and in none yet.
INSERT INTO deliveries (delivery, recipient_group, state, made_up_at, attempts)
SELECT (SELECT max(delivery) FROM deliveries) + row_number() OVER (ORDER BY recipient_group), recipient_group, 'waiting', $1, 0
FROM (SELECT DISTINCT recipient_group FROM outbox WHERE delivery IS NULL);
