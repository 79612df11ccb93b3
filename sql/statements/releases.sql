-- The releases in order, with NULL as an empty text.
SELECT release, published_at, coalesce(published_basis, ''), fetched_at, source, file_name, sha256, format,
       records, procedures, modifiers, coalesce(previous_release, ''), coalesce(gap, false), state,
       coalesce(held_because, '')
FROM releases
ORDER BY release_order;
