-- The views with their columns, and what is said of both.
SELECT view_name, duckdb_views.comment, column_name, data_type, duckdb_columns.comment
FROM duckdb_views()
JOIN duckdb_columns() ON duckdb_columns.database_name = duckdb_views.database_name
    AND duckdb_columns.schema_name = duckdb_views.schema_name AND table_name = view_name
WHERE duckdb_views.database_name = current_database() AND NOT duckdb_views.internal
ORDER BY view_name, column_index;
