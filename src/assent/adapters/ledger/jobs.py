"""Jobs in a site's books: where each stands, which chips they have, which were odd.

rows of one connection -> the part of `ports.LedgerTransaction` about jobs
"""

from assent.adapters.ledger.rows import job_bytes, job_of
from assent.adapters.ledger.statements import SqlStatements
from assent.supervision.ledger import Job, JobState, is_odd

_PUT_CHIPS = (
    "INSERT INTO ledger_chips AS had VALUES (?, ?, ?) ON CONFLICT (book, kind)"
    " DO UPDATE SET count = had.count + excluded.count"
)
_PUT_ODD = "INSERT INTO ledger_odd VALUES (?) ON CONFLICT DO NOTHING"
_PUT_JOB = (
    "INSERT INTO ledger_job VALUES (?, ?, ?) ON CONFLICT (job_id)"
    " DO UPDATE SET state = excluded.state, content = excluded.content"
)


class SqlJobs(SqlStatements):
    """The jobs in a transaction."""

    def job(self, job_id: str) -> Job | None:
        """Return a job."""
        rows = self._all("SELECT content FROM ledger_job WHERE job_id = ?", [job_id])
        return next((job_of(content) for (content,) in rows), None)

    def put_job(self, job: Job) -> None:
        """Write a job, in place of what was known of it."""
        self._check_writing()
        had = self.job(job.job_id)
        has_chips = job.state is not JobState.ENDED
        had_chips = had is not None and had.state is not JobState.ENDED
        change = has_chips - had_chips
        if change:
            self._each(
                _PUT_CHIPS,
                [
                    (job.admission.book, kind, change * count)
                    for kind, count in job.admission.chips.items()
                ],
            )
        self._each(_PUT_JOB, [(job.job_id, job.state.value, job_bytes(job))])
        if not has_chips and is_odd(job):
            self._each(_PUT_ODD, [(job.job_id,)])

    def jobs(self, *states: JobState) -> list[Job]:
        """Return the jobs in these states, in the order of their names."""
        rows = self._among(
            "SELECT job_id, content FROM ledger_job WHERE state",
            [state.value for state in states],
        )
        return [job_of(content) for _, content in sorted(rows)]

    def odd_jobs(self, limit: int = 1_000) -> list[Job]:
        """Return jobs that ended oddly, by name, so many at most."""
        rows = self._all(
            "SELECT content FROM ledger_odd JOIN ledger_job USING (job_id)"
            " ORDER BY job_id LIMIT ?",
            [limit],
        )
        return [job_of(content) for (content,) in rows]

    def note_odd(self) -> None:
        """Note which jobs ended oddly, in books from before that was done."""
        odd = [(job.job_id,) for job in self.jobs(JobState.ENDED) if is_odd(job)]
        self._each(_PUT_ODD, odd)
