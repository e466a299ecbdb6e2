"""Show grades: a page for each submission, a report on the class, tables and exports."""
