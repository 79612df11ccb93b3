-- Deliveries that wait or were refused, each with its releases, with NULL as an
-- empty text or list.
SELECT deliveries.delivery, deliveries.recipient_group, state, made_up_at, attempts, last_attempt_at,
       coalesce(message_id, ''), coalesce(delivered_to, []), coalesce(problem, ''),
       list(outbox.release ORDER BY outbox.release)
FROM deliveries
JOIN outbox USING (delivery)
WHERE state IN ('waiting', 'refused')
GROUP BY ALL
ORDER BY deliveries.delivery;
