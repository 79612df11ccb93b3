-- claim_calendar in a form in which claim lines are looked up by the million: the
-- stretches of each code as they were known at any time (now = false), and as
-- known now (now = true), these with a sentence that says why not, and with what
-- replaced the code. Days are counted from 1970-01-01; NULL texts are empty. The
-- record of a terminated code can change: its last valid day stays.
WITH known_now AS MATERIALIZED (
    SELECT *, least(termination_date, valid_from - 1) AS last_valid_day,
           -- Dates before a code's first day are in none of its lives.
           min(valid_from) FILTER (life IS NOT NULL) OVER (PARTITION BY code) AS first_day
    FROM claim_calendar
    WHERE known_to_order = 99999999
),
-- A terminated stretch is cut wherever one of its replacements starts or ends,
-- so that each piece has the nearest replacements that were valid on its dates.
ways AS (
    SELECT known_now.code, known_now.valid_from AS stretch, known_now.valid_to AS stretch_end, crosswalk.step, crosswalk.target,
           crosswalk.target_status IN ('cpt', 'literal', 'unknown') AS other, target.valid_from, target.valid_to
    FROM known_now
    JOIN crosswalk USING (code, life, termination_date)
    LEFT JOIN known_now AS target ON target.code = crosswalk.target AND target.life = crosswalk.target_life AND target.claim_status = 'valid'
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
),
stretches AS (
    SELECT true AS now, known_now.code, claim_status, coalesce(piece, valid_from) AS from_day, coalesce(piece_end, valid_to) AS to_day,
           known_from_order, known_to_order, coalesce(short_description, '') AS description, coalesce(CAST(attested AS VARCHAR), '') AS attested,
           CASE claim_status
               WHEN 'terminated' THEN known_now.code || ' ended: its last valid day was ' || CAST(last_valid_day AS VARCHAR)
               WHEN 'not_yet' THEN known_now.code || ' was not valid yet: it starts on ' || CAST(first_day AS VARCHAR)
               WHEN 'unlisted' THEN known_now.code || ' is not in CMS''s file since ' || year(valid_from) || 'Q' || quarter(valid_from) || ', and no release ended it'
               WHEN 'before_records' THEN known_now.code || ': the date is before what the loaded releases can tell'
               WHEN 'missing_release' THEN known_now.code || ': the release for that date is not loaded'
               ELSE ''
           END AS reason,
           CASE claim_status WHEN 'terminated' THEN CAST(last_valid_day + 1 AS VARCHAR) WHEN 'unlisted' THEN CAST(valid_from AS VARCHAR) ELSE '' END AS since,
           coalesce(replaced_by, '') AS replaced_by
    FROM known_now
    LEFT JOIN replaced ON replaced.code = known_now.code AND replaced.stretch = known_now.valid_from AND claim_status = 'terminated'
    UNION ALL
    SELECT false, code, claim_status, valid_from, valid_to, known_from_order, known_to_order, '', '', '', '', ''
    FROM claim_calendar
)
SELECT now, code, claim_status, CAST(from_day - DATE '1970-01-01' AS INTEGER) AS from_day, CAST(to_day - DATE '1970-01-01' AS INTEGER) AS to_day,
       known_from_order, known_to_order, description, attested, reason, since, replaced_by
FROM stretches
ORDER BY code, now, known_from_order, stretches.from_day;
