-- Whether the releases known can tell which codes there were on a date: covered;
-- before_records (the date is before the first release, and codes dropped by
-- then are in no file); missing_release (the release in force on that date is
-- not loaded: in a gap, or after the latest one). NULL for no date.
CREATE MACRO date_coverage(on_date, known := NULL) AS (
    CASE
        WHEN on_date IS NULL THEN NULL
        WHEN CAST(on_date AS DATE) < (SELECT min(in_force_from) FROM release_dates) THEN 'before_records'
        -- The first release of each quarter since the records begin, one after
        -- the other: looked up by place, since claims come by the million.
        WHEN (SELECT list(release_order ORDER BY quarter_from)
              FROM (SELECT quarter_from, min(release_order) AS release_order
                    FROM (SELECT unnest(generate_series(min(in_force_from), max(in_force_to) - INTERVAL 1 DAY, INTERVAL 3 MONTH)) AS quarter_from FROM release_dates)
                    LEFT JOIN release_dates ON quarter_from >= in_force_from AND quarter_from < in_force_to
                    GROUP BY quarter_from)
             )[date_diff('quarter', (SELECT min(in_force_from) FROM release_dates), CAST(on_date AS DATE)) + 1]
             <= known_place(known) THEN 'covered'
        ELSE 'missing_release'
    END
);
