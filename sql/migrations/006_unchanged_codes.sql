-- 98 of 100 lines of a transaction report say that nothing was done. They are kept
-- in one row a file, where there were nine thousand.

-- Private: the codes of which a transaction report says that nothing was done.
CREATE TABLE unchanged_codes (
    quarter VARCHAR NOT NULL,
    release VARCHAR,
    file    VARCHAR NOT NULL,
    label   VARCHAR NOT NULL, -- in CMS's words
    codes   VARCHAR NOT NULL  -- with blanks between
);
INSERT INTO unchanged_codes
    SELECT quarter, release, file, label, string_agg(code, ' ' ORDER BY code)
    FROM transaction_reports
    WHERE action_code = 'N'
    GROUP BY ALL;
DELETE FROM transaction_reports WHERE action_code = 'N';
-- Private: all that the transaction reports say.
CREATE VIEW transaction_lines AS
    SELECT quarter, release, file, code, label, action_code
    FROM transaction_reports
    UNION ALL
    SELECT quarter, release, file, unnest(string_split(codes, ' ')), label, 'N'
    FROM unchanged_codes;
