-- The tables with their columns, and what is said of both.
SELECT duckdb_tables.table_name, duckdb_tables.comment, column_name, data_type, duckdb_columns.comment
FROM duckdb_tables()
JOIN duckdb_columns() USING (database_name, schema_name, table_name)
WHERE database_name = current_database() AND NOT duckdb_tables.internal
ORDER BY duckdb_tables.table_name, column_index;
