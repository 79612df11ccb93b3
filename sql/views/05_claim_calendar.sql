-- What to say of a code on a claim, for every date of service and every day on
-- which it was asked: one row a code, stretch of dates and stretch of knowledge.
-- For one code, date and day there is one row, or none where the code was in no
-- release known by then. Made to be joined to whole claims tables: on code,
-- valid_from <= date of service < valid_to, and known_to_date = '9999-12-31' for
-- what is known now, or known_from_date <= day of payment < known_to_date for
-- what was known then.
CREATE VIEW claim_calendar AS
WITH periods AS (
    SELECT code, kind,
           CASE
               WHEN status = 'active' AND listed THEN 'valid'
               WHEN status = 'active' THEN 'unlisted'
               ELSE 'terminated'
           END AS claim_status,
           valid_from, valid_to,
           since.release_order AS known_from_order,
           coalesce(until.release_order, 99999999) AS known_to_order,
           since.known_date AS known_from_date,
           coalesce(until.known_date, DATE '9999-12-31') AS known_to_date,
           life, listed, attested, short_description, cross_references, code_added_date, termination_date
    FROM code_history
    JOIN release_dates AS since ON since.release = code_history.known_from
    LEFT JOIN release_dates AS until ON until.release = code_history.known_to
),
-- The first day of each code, as known at each release that said something new
-- of the code.
first_days AS (
    SELECT said.code, said.known_from_order, said.known_from_date, min(valid_from) AS first_day
    FROM (SELECT DISTINCT code, known_from_order, known_from_date FROM periods) AS said
    JOIN periods ON periods.code = said.code
        AND periods.known_from_order <= said.known_from_order
        AND periods.known_to_order > said.known_from_order
    GROUP BY said.code, said.known_from_order, said.known_from_date
),
before_first AS (
    SELECT code, first_day, known_from_order, known_from_date,
           lead(known_from_order, 1, 99999999) OVER of_code AS known_to_order,
           lead(known_from_date, 1, DATE '9999-12-31') OVER of_code AS known_to_date
    FROM (
        SELECT * FROM first_days
        QUALIFY first_day IS DISTINCT FROM lag(first_day) OVER (PARTITION BY code ORDER BY known_from_order)
    )
    WINDOW of_code AS (PARTITION BY code ORDER BY known_from_order)
),
-- Dates before 1900 have no row: they are before all records, and other programs
-- read no Parquet file that goes back to year 1.
records_begin AS (SELECT min(in_force_from) AS on_day FROM release_dates),
gaps AS (
    SELECT in_force_to AS gap_from, next_from AS gap_to
    FROM (SELECT in_force_to, lead(in_force_from) OVER (ORDER BY release_order) AS next_from FROM release_dates)
    WHERE next_from > in_force_to
),
-- Between the beginning of the records and its first day a code was not there
-- yet: the releases in force did not list it. In a gap before the first release
-- that does, nobody can tell: codes are used again, and an earlier life may have
-- come and gone unseen.
absences AS (
    SELECT 'not_yet' AS claim_status, on_day AS from_day, on_day AS listed_from FROM records_begin
    UNION ALL
    SELECT 'missing_release', gap_from, gap_to FROM gaps
    UNION ALL
    SELECT 'not_yet', gap_to, gap_to FROM gaps
),
before_first_day AS (
    SELECT before_first.*, absences.claim_status, absences.from_day AS valid_from,
           lead(absences.from_day, 1, first_day) OVER (PARTITION BY before_first.code, known_from_order ORDER BY absences.from_day) AS valid_to
    FROM before_first
    JOIN (SELECT code, min(known_from_order) AS release_order FROM before_first GROUP BY code) AS first_listed USING (code)
    JOIN release_dates USING (release_order)
    JOIN absences ON from_day < first_day AND listed_from <= in_force_from
)
SELECT * FROM periods
UNION ALL BY NAME
SELECT code, CASE WHEN length(code) = 2 THEN 'modifier' ELSE 'procedure' END AS kind,
       'before_records' AS claim_status, DATE '1900-01-01' AS valid_from, least(first_day, on_day) AS valid_to,
       known_from_order, known_to_order, known_from_date, known_to_date
FROM before_first, records_begin
UNION ALL BY NAME
SELECT code, CASE WHEN length(code) = 2 THEN 'modifier' ELSE 'procedure' END AS kind,
       claim_status, valid_from, valid_to,
       known_from_order, known_to_order, known_from_date, known_to_date
FROM before_first_day;
