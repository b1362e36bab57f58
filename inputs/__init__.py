"""Lists in: formats, tables inside workbooks, columns and raw cells."""
