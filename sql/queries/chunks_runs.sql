-- The last runs of the utility's jobs, newest first; the function asks whether the person is a DBA.
select
    r.job_id as job,
    r.started,
    r.finished,
    r.succeeded,
    r.sqlstate,
    r.message
from supra.job_runs() as r
