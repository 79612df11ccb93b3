-- The columns of every table and view that analysts see.
SELECT table_name, column_name, data_type
FROM duckdb_columns()
WHERE database_name = 'hcpcs' AND schema_name = 'main' AND NOT internal
ORDER BY table_name, column_index;
