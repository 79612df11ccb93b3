-- The releases, and their dates. Small, and asked by every macro: therefore
-- release_dates is not a view. Until January 2020 a release was in force for a
-- year, since then for a quarter. It counts as known from the day of its
-- publication, and never later than one that follows it.
DELETE FROM published.main.releases;
INSERT INTO published.main.releases
    FROM warehouse.main.releases ORDER BY release_order;
DELETE FROM published.main.release_dates;
INSERT INTO published.main.release_dates
    SELECT release, release_order, quarter,
           effective_date AS in_force_from,
           CAST(CASE
               WHEN year(effective_date) < 2020 THEN make_date(year(effective_date) + 1, 1, 1)
               ELSE effective_date + INTERVAL 3 MONTH
           END AS DATE) AS in_force_to,
           min(coalesce(CAST(published_at AS DATE), effective_date)) OVER (
               ORDER BY release_order ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
           ) AS known_date
    FROM warehouse.main.releases
    WHERE state = 'loaded'
    ORDER BY release_order;
