-- Writes down how an attempt at a delivery ended.
UPDATE deliveries
SET state = $2, attempts = $3, last_attempt_at = $4, done_at = CASE WHEN $2 = 'done' THEN $4 END,
    message_id = $5, delivered_to = $6, problem = $7
WHERE delivery = $1;
