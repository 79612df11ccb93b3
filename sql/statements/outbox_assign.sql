-- Puts all that is owed and in no delivery yet into the newest one of its group.
UPDATE outbox
SET delivery = (
    SELECT max(deliveries.delivery) FROM deliveries WHERE deliveries.recipient_group = outbox.recipient_group
)
WHERE delivery IS NULL;
