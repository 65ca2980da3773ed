"""What must be true of a site's books at every instant, not only at the end.

books -> the most that was reserved and spent at any time, or the entry that is wrong
"""

from collections import Counter

from assent.supervision.ledger import Account, LedgerTransaction

_PAGE = 1_000


def never_beyond(books: LedgerTransaction, flop_max: int) -> int:
    """Go through all entries; return the most FLOP that were spoken for at once.

    After each one, what is reserved and spent is no more than was allotted, and that no
    more than the lease allows: a job admitted beyond it would show, ended since or not.
    """
    balances: Counter[Account] = Counter()
    names: set[str] = set()
    after = fullest = 0
    while page := books.entries(after=after, limit=_PAGE):
        for entry in page:
            assert entry.entry_id not in names, entry  # nothing stands there twice
            names.add(entry.entry_id)
            assert sum(entry.postings.values()) == 0, entry
            balances.update(entry.postings)
            taken = balances[Account.RESERVED] + balances[Account.SPENT]
            allotted = -balances[Account.GRANTED]
            assert taken <= allotted <= flop_max, entry
            assert balances[Account.AVAILABLE] >= 0, entry
            fullest = max(fullest, taken)
        after += len(page)
    return fullest
