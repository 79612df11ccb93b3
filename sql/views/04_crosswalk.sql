-- What replaced a code that ended, or is to replace one that is to end, over all
-- steps: one row an end, step and way. A code has an end for each life that ended,
-- and for each time that it was re-activated. A target is one life of its code; one
-- that has itself ended is followed; one that is in force, or not in CMS's files
-- (CPT codes, the word CPT), ends the way. A way that comes back to a life on it
-- ends there, as a cycle.
CREATE VIEW crosswalk AS
WITH RECURSIVE
known AS MATERIALIZED (
    SELECT code, life, status, valid_from, cross_references, termination_date
    FROM code_history
    WHERE known_to IS NULL
),
present AS (
    SELECT code, life, present_stretches.status
    FROM known
    JOIN present_stretches USING (code, valid_from)
),
-- A life before the present one is over, whether or not CMS ever ended it.
lives AS MATERIALIZED (
    SELECT known.code, known.life, min(known.valid_from) AS first_day,
           any_value(CASE
               WHEN known.life = present.life THEN present.status
               WHEN known.life < present.life THEN 'terminated'
               ELSE 'future'
           END) AS status
    FROM known
    JOIN present USING (code)
    GROUP BY known.code, known.life
),
-- What CMS says last of an end counts.
ends AS MATERIALIZED (
    SELECT code, life, termination_date, unnest(arg_max({'codes': cross_references}, valid_from).codes) AS target
    FROM known
    WHERE status = 'terminated'
    GROUP BY code, life, termination_date
),
-- The life of the target that was in force on the day after the end, or else the
-- last one before, or else the first.
edges AS MATERIALIZED (
    SELECT ends.code, ends.life, ends.termination_date, target,
           coalesce(max(lives.life) FILTER (first_day <= ends.termination_date + 1), min(lives.life)) AS target_life
    FROM ends
    LEFT JOIN lives ON lives.code = target
    GROUP BY ALL
),
followed AS MATERIALIZED (
    SELECT code, life, target, target_life
    FROM edges
    JOIN lives USING (code, life)
    WHERE status = 'terminated'
    QUALIFY termination_date = max(termination_date) OVER (PARTITION BY code, life)
),
walk AS (
    SELECT code, life, termination_date, 1 AS step, code AS via, target, target_life,
           [code] AS path, [code || '/' || life] AS lives_on_it
    FROM edges
    UNION ALL
    SELECT walk.code, walk.life, walk.termination_date, walk.step + 1, walk.target, followed.target, followed.target_life,
           list_append(path, walk.target), list_append(lives_on_it, walk.target || '/' || walk.target_life)
    FROM walk
    JOIN followed ON followed.code = walk.target AND followed.life = walk.target_life
    WHERE NOT list_contains(lives_on_it, walk.target || '/' || walk.target_life)
)
SELECT walk.code, walk.life, walk.termination_date, walk.step, walk.via, walk.target, walk.target_life,
       CASE
           WHEN list_contains(lives_on_it, walk.target || '/' || walk.target_life) THEN 'cycle'
           WHEN lives.code IS NOT NULL THEN lives.status
           WHEN regexp_full_match(walk.target, '[0-9]{4}[0-9A-Z]') THEN 'cpt'
           WHEN walk.target = 'CPT' THEN 'literal'
           ELSE 'unknown'
       END AS target_status,
       list_contains(lives_on_it, walk.target || '/' || walk.target_life)
           OR NOT EXISTS (FROM followed WHERE followed.code = walk.target AND followed.life = walk.target_life) AS is_end,
       list_append(path, walk.target) AS path
FROM walk
LEFT JOIN lives ON lives.code = walk.target AND lives.life = walk.target_life;
