-- As known_place, but an error for a day on which no release was known yet.
CREATE MACRO known_order(known) AS (
    coalesce(
        known_place(known),
        CAST(error('nothing was known by ' || coalesce(CAST(known AS VARCHAR), 'now')
            || ': table release_dates says from when on each release counts as known') AS INTEGER))
);
