"""The gate's verbs: admit a job, hear its meter, watch it, end it.

scheduler + papers + books + pause orders + now -> Admission, Stop, charge

Each verb is one durable transaction on the site's books. Whoever calls again after a
crash gets the same answer, and nothing is charged twice.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from assent.supervision.admission import (
    Admission,
    JobHeld,
    JobKnown,
    JobRequest,
    MaximumUnenforceable,
    Papers,
    PointReached,
    Stop,
    admit,
    charge_of,
)
from assent.supervision.gate.deciding import (
    balance_of,
    decide_evaluation,
    open_job,
    reserve_entries,
    reserve_left,
)
from assent.supervision.gate.errors import LeaseRolledBack
from assent.supervision.gate.papers import PaperDesk
from assent.supervision.gate.site import Site
from assent.supervision.gate.watching import (
    Holds,
    facts_of,
    holds_on,
    lease_to_loss,
    permit_at_hand,
    reached_point,
    stop_at_point,
    stop_of,
)
from assent.supervision.ledger import (
    Account,
    Entry,
    Job,
    JobState,
    Ledger,
    LedgerTransaction,
    allot,
    end,
    order_stop,
    reserve,
    settle,
)
from assent.supervision.pause import Scope
from assent.supervision.tally import Tally

LOST_AFTER_S = 3_600  # schedulers kill within minutes of a time limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A gate at work: its site, its papers, its books, and the orders it has heard.

    `tally` gives what the agency told last of its owners; None before it told anything.
    """

    site: Site
    desk: PaperDesk
    ledger: Ledger
    holds: Holds
    tally: Callable[[], Tally | None] = lambda: None

    def check(self, job: JobRequest, now: datetime) -> Admission:
        """Return what a job would be admitted for now; nothing is reserved.

        Raises:
            AdmissionRefused, PermitRefused and others: as `admit`.

        """
        with self.ledger.reading() as books:
            return self._decide(books, job, now)[0]

    def admit(self, job: JobRequest, now: datetime) -> Admission:
        """Admit a job and reserve what it is charged, in one transaction.

        A job that was admitted and has not ended is admitted again, as it was: a
        scheduler asks twice if it did not hear the answer.

        Raises:
            AdmissionRefused: if it may not start; see `admission.admit`.
            PapersMissing, PermitRefused, TrustRefused: if its papers do not hold.
            JobKnown: if there was another job of this name.
            StoreUnavailable: if it cannot be written down; then it may not start.

        """
        with self.ledger.writing() as books:
            known = books.job(job.job_id)
            if known is not None:
                return self._again(known, job, now)
            admission, entries = self._decide(books, job, now)
            books.record([*entries, reserve(admission)])
            books.put_job(Job(admission=admission))
        return admission

    def watch(self, now: datetime) -> list[tuple[Job, Stop]]:
        """Return the jobs that have to stop, those told before among them.

        What is due is recorded before it is returned, so that the reason outlives the
        gate. A job that nobody ended is settled once its scheduler must have ended it.
        """
        due: list[tuple[Job, Stop]] = []
        with self.ledger.reading() as books:
            jobs = books.jobs(JobState.RUNNING, JobState.STOPPING)
        lost = timedelta(seconds=LOST_AFTER_S + self.site.grace_s)
        for job in jobs:
            if now >= job.admission.ends_by + lost:
                self.end(job.job_id, job.admission.ends_by)
            elif (stop := self.stop_of(job, now)) is not None:
                due.append((job, stop))
        new = [(job, stop) for job, stop in due if job.state is JobState.RUNNING]
        if new:
            with self.ledger.writing() as books:
                for job, stop in new:
                    current = books.job(job.job_id)
                    if current is not None and current.state is JobState.RUNNING:
                        books.put_job(order_stop(current, stop, now))
        return due

    def jobs_under(self, scope: Scope, now: datetime) -> list[Job]:
        """Return the jobs that have not ended and that an order of this scope covers.

        They are read while nobody can be admitted: a job that was decided on before an
        order came is among them.

        Raises:
            StoreUnavailable: if the books cannot be read.

        """
        with self.ledger.writing() as books:
            jobs = books.jobs(JobState.RUNNING, JobState.STOPPING)
        site, desk = self.site, self.desk
        return [
            job
            for job in jobs
            if scope.covers(facts_of(job, site, permit_at_hand(job, desk, now)))
        ]

    def poll(self, job_id: str, now: datetime) -> tuple[Job, Stop | None]:
        """Return a job, and why it has to stop if it has to.

        Raises:
            JobNotOpen: if there is no such job.

        """
        with self.ledger.reading() as books:
            job = open_job(books, job_id)
        if job.state is JobState.ENDED:
            return job, None
        return job, self.stop_of(job, now)

    def end(self, job_id: str, now: datetime) -> Job:
        """Settle a job that ended: charge what it used, give back the rest.

        A job that has ended already is returned as it ended.

        Raises:
            JobNotOpen: if there is no such job.

        """
        with self.ledger.writing() as books:
            job = books.job(job_id)
            if job is not None and job.state is JobState.ENDED:
                return job
            over = end(open_job(books, job_id), now, self.site.silence_s)
            books.record([settle(over.admission, over.flop_spent or 0, now)])
            books.put_job(over)
        return over

    def _decide(
        self, books: LedgerTransaction, job: JobRequest, now: datetime
    ) -> tuple[Admission, list[Entry]]:
        owner = self.site.owners.owner_of(job.account)
        self._verify_enforceable(job)
        if job.request_id is not None:
            site, desk, holds = self.site, self.desk, self.holds
            return decide_evaluation(job, site, desk, holds, books, now)
        entries: list[Entry] = []
        kept = 0
        papers: Papers | None = None
        tally, on = self.tally(), now.date()
        if job.permit_id is None:
            balance = books.balance(self.site.exempt_books(owner, on, tally))
        else:
            papers = self.desk.papers(job.permit_id, now)
            permit = papers.permit.permit
            entries = self._allotment(books, papers, now)
            entries += reserve_entries(books, permit, now)
            balance = balance_of(books, permit)
            kept = reserve_left(books, permit)
            self._verify_point(books, job, papers)
        admission = admit(
            replace(job, site=self.site.name),
            owner=owner,
            papers=papers,
            balance=balance,
            exempt=self.site.exempt_terms(owner, on, tally),
            holds=holds_on(job, self.site, papers, self.holds, now),
            accelerators=self.site.accelerators,
            now=now,
            reserve_left=kept,
        )
        return admission, entries

    def _verify_enforceable(self, job: JobRequest) -> None:
        """Refuse a maximum that the chips could use up while the job is being stopped.

        The gate assumes the most until a meter speaks, so it would stop such a job at
        once.
        """
        charge = charge_of(job, self.site.accelerators)
        ceiling = charge.ceiling_flop(job.time_limit_s)
        if charge.flop < ceiling and charge.flop <= charge.ceiling_flop(
            self.site.grace_s + 1
        ):
            raise MaximumUnenforceable(
                f"Job {job.job_id} is to be stopped at {charge.words}; its chips could"
                f" perform that within the {self.site.grace_s} s that it has to write a"
                " checkpoint.",
                remedy="Give it a larger maximum, fewer chips, or none and a shorter"
                " time limit.",
            )

    def _verify_point(
        self, books: LedgerTransaction, job: JobRequest, papers: Papers
    ) -> None:
        """Refuse a run that reported a loss at which it is to be evaluated."""
        if (words := reached_point(books, papers.lease)) is not None:
            raise PointReached(
                f"Job {job.job_id} is of a run that stands still: {words}",
                remedy="Have the evaluations of the point passed (`assent oversight"
                " report --point loss`), and fetch the next lease.",
            )

    def _allotment(
        self, books: LedgerTransaction, papers: Papers, now: datetime
    ) -> list[Entry]:
        """Return the entry of a lease that is used for the first time."""
        lease = papers.lease
        last = books.last_allotment(lease.permit_id)
        serial = 0 if last is None else int(last.entry_id.rpartition("/")[2])
        if lease.serial < serial:
            raise LeaseRolledBack(
                f"{lease.lease_id} is the newest lease at hand, and one with the number"
                f" {serial} was used before.",
                remedy="Fetch the newest lease from the agency, and find out who took"
                " it away.",
            )
        if lease.serial == serial:
            return []
        granted = -books.accounts(lease.permit_id).get(Account.GRANTED, 0)
        return [allot(lease.permit_id, lease.serial, lease.flop - granted, now)]

    def stop_of(self, job: Job, now: datetime) -> Stop | None:
        """Return why a job that was admitted has to stop now; None if it may go on."""
        found = stop_of(job, self.site, self.desk, self.holds, now)
        lease = lease_to_loss(job, self.desk, now)
        if found is not None or lease is None:
            return found
        with self.ledger.reading() as books:
            return stop_at_point(job, self.site, lease, books)

    def _again(self, known: Job, job: JobRequest, now: datetime) -> Admission:
        if (stop := self.stop_of(known, now)) is not None:
            raise JobHeld(
                f"Job {job.job_id} was admitted, and has to stop: {stop.words}",
                remedy="Do not start it; end it with the gate.",
            )
        asked = charge_of(job, self.site.accelerators)
        admitted = known.admission
        is_same = (
            known.state is JobState.RUNNING
            and admitted.permit_id == job.permit_id
            and admitted.flop_reserved == asked.flop
            and dict(admitted.chips) == dict(asked.chips)
        )
        if not is_same:
            raise JobKnown(
                f"A job {job.job_id} is {known.state} here, and was admitted for"
                f" {admitted.flop_reserved:,} FLOP under {admitted.permit_id}.",
                remedy="Give every job a name of its own.",
            )
        return admitted
