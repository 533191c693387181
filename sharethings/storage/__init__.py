"""Storage: rows in SQLite, chunks in files. It knows no rule and no transport."""
