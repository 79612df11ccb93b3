-- What is known, in a form to which claim lines are joined by the million. It is
-- what claim_status says, with the place of each day worked out beforehand.

-- Every day that can be a date: the first release that covers it as a date of
-- service (see date_coverage), and the latest release known on it.
CREATE TEMP TABLE check_days AS
WITH days AS (
    SELECT CAST(unnest(generate_series(DATE '1950-01-01', DATE '2149-12-31', INTERVAL 1 DAY)) AS DATE) AS day
),
covering AS (
    SELECT day, min(release_order) AS covered_by
    FROM days
    JOIN release_dates ON date_trunc('quarter', day) >= in_force_from AND date_trunc('quarter', day) < in_force_to
    GROUP BY day
)
SELECT day, covered_by, day < (SELECT min(in_force_from) FROM release_dates) AS before_records,
       release_dates.release_order AS known_place, release_dates.release AS known_release
FROM days
LEFT JOIN covering USING (day)
ASOF LEFT JOIN (
    SELECT known_date, max(release_order) AS release_order, max_by(release, release_order) AS release
    FROM release_dates
    GROUP BY known_date
) AS release_dates ON days.day >= release_dates.known_date;

-- claim_calendar with a sentence that says why not; then is for any day of
-- payment, now for what is known now.
CREATE TEMP TABLE check_then AS
SELECT code, valid_from, valid_to, known_from_order, known_to_order, claim_status, short_description, attested, termination_date,
       CASE claim_status
           WHEN 'terminated' THEN code || ' ended: its last valid day was ' || CAST(valid_from - 1 AS VARCHAR)
           WHEN 'not_yet' THEN code || ' was not valid yet: it starts on ' || CAST(valid_to AS VARCHAR)
           WHEN 'unlisted' THEN code || ' is not in CMS''s file since ' || year(valid_from) || 'Q' || quarter(valid_from) || ', and no release ended it'
           WHEN 'before_records' THEN code || ': the date is before what the loaded releases can tell'
       END AS reason,
       CASE WHEN claim_status IN ('terminated', 'unlisted') THEN valid_from END AS since
FROM claim_calendar;

-- A terminated stretch is cut wherever one of its replacements starts or ends,
-- so that each piece has the nearest replacements that were valid on its dates.
CREATE TEMP TABLE check_now AS
WITH known_now AS (
    SELECT * FROM check_then WHERE known_to_order = 99999999
),
ways AS (
    SELECT known_now.code, known_now.valid_from AS stretch, known_now.valid_to AS stretch_end, crosswalk.step, crosswalk.target,
           crosswalk.target_status IN ('cpt', 'literal', 'unknown') AS other, target.valid_from, target.valid_to
    FROM known_now
    JOIN crosswalk USING (code)
    LEFT JOIN known_now AS target ON target.code = crosswalk.target AND target.claim_status = 'valid'
    WHERE known_now.claim_status = 'terminated'
),
cuts AS (
    SELECT code, stretch, stretch AS piece, stretch_end FROM ways
    UNION
    SELECT code, stretch, valid_from, stretch_end FROM ways WHERE valid_from > stretch AND valid_from < stretch_end
    UNION
    SELECT code, stretch, valid_to, stretch_end FROM ways WHERE valid_to > stretch AND valid_to < stretch_end
),
pieces AS (
    SELECT code, stretch, piece, lead(piece, 1, stretch_end) OVER (PARTITION BY code, stretch ORDER BY piece) AS piece_end
    FROM cuts
),
replaced AS (
    SELECT code, stretch, piece, piece_end, string_agg(DISTINCT target, ';' ORDER BY target) AS replaced_by
    FROM (
        SELECT pieces.*, ways.target
        FROM pieces
        LEFT JOIN ways ON ways.code = pieces.code AND ways.stretch = pieces.stretch
            AND (other OR (valid_from <= piece AND valid_to > piece))
        QUALIFY ways.step IS NOT DISTINCT FROM min(ways.step) OVER (PARTITION BY pieces.code, pieces.stretch, piece)
    )
    GROUP BY ALL
)
SELECT known_now.code, coalesce(piece, valid_from) AS valid_from, coalesce(piece_end, valid_to) AS valid_to,
       claim_status, short_description, attested, reason, since, replaced_by
FROM known_now
LEFT JOIN replaced ON replaced.code = known_now.code AND replaced.stretch = known_now.valid_from AND claim_status = 'terminated';

-- As status_of_unknown, for a day of which check_days has been looked up.
CREATE TEMP MACRO check_unknown(the_code, covered_by, before_records, place) AS (
    CASE
        WHEN the_code IS NULL THEN NULL
        WHEN regexp_full_match(the_code, '[0-9]{4}[0-9A-Z]|D[0-9]{4}|[0-9]{2}|[1238]P|P[1-6]') THEN 'other_code_set'
        WHEN before_records THEN 'before_records'
        WHEN covered_by <= place THEN 'unknown_code'
        ELSE 'missing_release'
    END
);
CREATE TEMP MACRO check_reason(the_code, said) AS (
    CASE said
        WHEN 'other_code_set' THEN the_code || ' is not HCPCS Level II (CPT or CDT): not for these files to say'
        WHEN 'before_records' THEN the_code || ': the date is before what the loaded releases can tell'
        WHEN 'missing_release' THEN the_code || ': the release for that date is not loaded'
        WHEN 'unknown_code' THEN the_code || ' is in no release'
    END
);
-- A day as claim files write it; NULL where it is none.
CREATE TEMP MACRO check_day(written) AS (
    coalesce(
        TRY_CAST(written AS DATE),
        CAST(try_strptime(written, ['%Y%m%d', '%m/%d/%Y', '%m-%d-%Y', '%Y/%m/%d', '%Y-%m-%d %H:%M:%S', '%Y-%m-%d %H:%M:%S.%f', '%Y-%m-%dT%H:%M:%S', '%Y-%m-%dT%H:%M:%SZ', '%m/%d/%Y %H:%M', '%m/%d/%Y %H:%M:%S']) AS DATE))
);
CREATE TEMP MACRO check_bad(said) AS (said = 'terminated' OR said = 'not_yet' OR said = 'unknown_code');
CREATE TEMP MACRO check_doubtful(said) AS (said = 'unlisted' OR said = 'before_records' OR said = 'missing_release');
-- One word for a line, of what is said of its code and modifiers.
CREATE TEMP MACRO check_verdict(of_code, any_bad, any_doubtful) AS (
    CASE
        WHEN any_bad THEN 'invalid'
        WHEN of_code IS NULL THEN 'no_code'
        WHEN any_doubtful THEN 'uncertain'
        WHEN of_code = 'other_code_set' THEN 'other_code_set'
        ELSE 'valid'
    END
);
