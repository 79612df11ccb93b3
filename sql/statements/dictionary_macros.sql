-- The macros, and what is said of them.
SELECT DISTINCT function_name, comment
FROM duckdb_functions()
WHERE database_name = current_database() AND NOT internal
ORDER BY function_name;
