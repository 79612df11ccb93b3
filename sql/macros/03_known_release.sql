-- The release (2020Q1r1) that a word names: as known_order, which gives its
-- place.
CREATE MACRO known_release(known) AS (
    SELECT release_dates.release FROM release_dates WHERE release_order = known_order(known)
);
