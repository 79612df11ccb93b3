-- The place in order of the release that a word names: a release (2020Q1r1), a
-- quarter (2020Q1: its latest revision), or NULL for the latest of all. A word
-- that names no loaded release is an error.
CREATE MACRO known_order(known_release) AS (
    CASE
        WHEN known_release IS NULL THEN
            (SELECT max(release_order) FROM releases WHERE state = 'loaded')
        ELSE coalesce(
            (SELECT max(release_order) FROM releases
             WHERE state = 'loaded'
               AND (upper(releases.release) = upper(trim(known_release)) OR quarter = upper(trim(known_release)))),
            CAST(error('no loaded release "' || known_release || '": name one as 2020Q1r1, or a quarter as 2020Q1; table releases lists them') AS INTEGER))
    END
);
