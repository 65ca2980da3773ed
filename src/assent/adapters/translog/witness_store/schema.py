"""The tables of a witness's memory, which themselves refuse to forget.

A head only grows. Evidence stays for ever; a doubt goes when its head is cosigned after
all.
"""

# Statements, parted by empty lines.
SCHEMA = """
CREATE TABLE witness_key (vkey TEXT PRIMARY KEY) WITHOUT ROWID

CREATE TABLE log_key (
    origin TEXT NOT NULL, vkey TEXT NOT NULL, PRIMARY KEY (origin, vkey)
) WITHOUT ROWID

CREATE TABLE head (
    origin TEXT PRIMARY KEY, origin_hash TEXT NOT NULL UNIQUE,
    size INTEGER NOT NULL, root BLOB NOT NULL, note BLOB NOT NULL
)

CREATE TABLE refused (
    number INTEGER PRIMARY KEY, origin TEXT NOT NULL,
    is_evidence INTEGER NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL,
    seen_s INTEGER NOT NULL, content BLOB NOT NULL, held BLOB,
    UNIQUE (origin, is_evidence, size, root)
)

CREATE TRIGGER head_only_grows BEFORE UPDATE ON head
WHEN NEW.size < OLD.size OR NEW.origin <> OLD.origin
    OR (NEW.size = OLD.size AND NEW.root <> OLD.root)
BEGIN SELECT RAISE(ABORT, 'a head that is held only grows'); END

CREATE TRIGGER head_stays BEFORE DELETE ON head
BEGIN SELECT RAISE(ABORT, 'a head that is held stays'); END

CREATE TRIGGER refused_is_unchanged BEFORE UPDATE ON refused
BEGIN SELECT RAISE(ABORT, 'what was kept stays as it is'); END

CREATE TRIGGER evidence_stays BEFORE DELETE ON refused WHEN OLD.is_evidence
BEGIN SELECT RAISE(ABORT, 'evidence that was kept stays'); END
"""
