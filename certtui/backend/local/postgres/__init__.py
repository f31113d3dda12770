"""The store's second engine: the same tables, acts and reading SQL on PostgreSQL, by psycopg."""
