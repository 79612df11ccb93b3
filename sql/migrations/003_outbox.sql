-- Private: what is owed for the releases. A report of several releases that came
-- in together is one delivery; it goes into the reports folder, and by mail to
-- each group of recipients.

-- A row for a release and each to whom its report is owed, written in the
-- transaction that loads the release.
CREATE TABLE outbox (
    release         VARCHAR NOT NULL,
    recipient_group VARCHAR NOT NULL, -- empty: the reports folder
    delivery        INTEGER           -- NULL until one is made up
);

CREATE TABLE deliveries (
    delivery        INTEGER NOT NULL, -- from 1
    recipient_group VARCHAR NOT NULL,
    state           VARCHAR NOT NULL, -- waiting, done, refused or withdrawn
    made_up_at      TIMESTAMP,        -- UTC, as the other two
    attempts        INTEGER NOT NULL,
    last_attempt_at TIMESTAMP,
    done_at         TIMESTAMP,
    message_id      VARCHAR,          -- of the mail, as last sent
    delivered_to    VARCHAR[],        -- addresses for which the server has taken it
    problem         VARCHAR           -- why it waits or was refused
);

-- Delivery 0 stands for what was settled before this warehouse knew of it: the
-- releases loaded before there was an outbox are news to nobody.
INSERT INTO deliveries (delivery, recipient_group, state, attempts) VALUES (0, '', 'done', 0);
INSERT INTO outbox SELECT release, '', 0 FROM releases WHERE state = 'loaded';
