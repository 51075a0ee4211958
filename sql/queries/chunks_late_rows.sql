-- How many rows came to one chunk after it was compressed? The function counts them for a DBA.
select supra.late_rows(%(schema)s, %(name)s) as late_rows
