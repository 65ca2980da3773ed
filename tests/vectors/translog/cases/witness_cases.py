"""Cases of `witness.json`: what a witness answers, one request after the other.

Each case starts with a witness that never cosigned anything.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from tests.rfc6962 import DefinedTree, leaf_hash
from tests.vectors.translog.cases.case import Case, encoded_input, ours
from tests.vectors.translog.parties import (
    COSIGNER,
    LOG,
    ML_DSA_44,
    ML_DSA_LOG,
    OLD_LOG,
    OTHER_LOG,
    STRANGER,
    TIME_S,
    TREE,
    W1,
    Head,
    Party,
    b64,
    cosignature,
    hash_lines,
    head_of,
    line,
    log_signature,
    note,
    signed,
    subtree_cosignature,
)

WITNESS = W1
ML_DSA_WITNESS = Party(W1.name, ML_DSA_44, bytes([7]) * 32)
SIZE_TYPE = "text/x.tlog.size"
HEAD = head_of(14)
FORK = DefinedTree([*TREE.leaves[:8], *(leaf_hash(b"other %d" % n) for n in range(22))])
ADD, SUBTREE = "add-checkpoint", "sign-subtree"
Exchange = dict[str, Any]


def cases() -> list[Case]:
    return [
        *_growth(),
        *_conflicts(),
        *_split_views(),
        *_proofs(),
        *_signatures(),
        *_logs(),
        *_malformed(),
        *_subtrees(),
        *_bad_subtrees(),
    ]


def _case(
    name: str,
    description: str,
    *exchanges: Exchange,
    keys: Iterable[Party] = (WITNESS,),
    logs: dict[str, list[Party]] | None = None,
) -> Case:
    trusted = {LOG.name: [LOG]} if logs is None else logs
    return {
        "name": name,
        "description": description,
        "witness_keys": [key.secret_ref for key in keys],
        "logs": {
            origin: [key.ref for key in known] for origin, known in trusted.items()
        },
        "exchanges": list(exchanges),
    }


def _asked(
    path: str,
    request: str | bytes,
    recorded: int,
    status: int,
    **expected: Any,  # noqa: ANN401 - JSON
) -> Exchange:
    body = encoded_input(request)
    told = {"status": status, **expected, "recorded": str(recorded)}
    return {"path": path, "time_s": str(TIME_S), **body, "expected": told}


def request(old_size: int | str, head: Head, proof: str, *signers: Party) -> str:
    return f"old {old_size}\n{proof}\n{signed(head, *(signers or (LOG,)))}"


def _proof(old_size: int, size: int) -> str:
    return hash_lines(TREE.proof(0, old_size, (0, size))) if old_size else ""


def _cosigned(head: Head, text: str, keys: Iterable[Party] = (WITNESS,)) -> Exchange:
    """Return an exchange that ends in cosignatures by these keys."""
    keys = list(keys)
    told: dict[str, Any] = {"cosigners": [key.ref for key in keys]}
    if all(key.kind == COSIGNER for key in keys):
        told["body"] = "".join(cosignature(key, head) for key in keys)
    return _asked(ADD, text, head.size, 200, **told)


def _grows(old_size: int, size: int, *signers: Party) -> Exchange:
    head = head_of(size)
    text = request(old_size, head, _proof(old_size, size), *signers)
    return _cosigned(head, text)


def _refused(
    text: str | bytes, status: int, recorded: int = 0, path: str = ADD
) -> Exchange:
    return _asked(path, text, recorded, status)


def _conflict(text: str, recorded: int) -> Exchange:
    body = f"{recorded}\n"
    return _asked(ADD, text, recorded, 409, content_type=SIZE_TYPE, body=body)


def _growth() -> list[Case]:
    return [
        _case("first", "a log that was never seen", _grows(0, 14)),
        _case("first-of-one-entry", "size 1", _grows(0, 1)),
        _case("first-without-entries", "size 0", _grows(0, 0)),
        _case(
            "from-nothing-twice",
            "size 0, again, then more",
            _grows(0, 0),
            _grows(0, 0),
            _grows(0, 14),
        ),
        _case(
            "grows",
            "by one, within and across tiles",
            _grows(0, 1),
            _grows(1, 2),
            _grows(2, 3),
            _grows(3, 14),
            _grows(14, 256),
            _grows(256, 257),
            _grows(257, 300),
        ),
        _case(
            "grows-from-a-complete-tree",
            "the old root is not in the proof",
            _grows(0, 8),
            _grows(8, 14),
            _grows(14, 16),
        ),
        _case(
            "same-again",
            "a head that is held is cosigned again, at a new time",
            _grows(0, 14),
            _grows(14, 14),
            _grows(14, 14),
        ),
    ]


def _conflicts() -> list[Case]:
    def asks(old_size: int, size: int) -> str:
        return request(old_size, head_of(size), _proof(old_size, size))

    return [
        _case(
            "learns-the-size",
            "a log that does not know asks with 0",
            _grows(0, 8),
            _conflict(asks(0, 14), 8),
            _grows(8, 14),
        ),
        _case(
            "never-seen",
            "the old size is not 0",
            _conflict(asks(8, 14), 0),
            _grows(0, 14),
        ),
        _case(
            "old-size-too-large",
            "beyond what is held",
            _grows(0, 8),
            _conflict(asks(9, 14), 8),
        ),
        _case(
            "old-size-too-small",
            "a proof that was good before",
            _grows(0, 8),
            _grows(8, 14),
            _conflict(asks(8, 300), 14),
        ),
        _case(
            "same-request-twice",
            "a client that missed the answer",
            _grows(0, 8),
            _grows(8, 14),
            _conflict(asks(8, 14), 14),
        ),
        _case(
            "smaller-head",
            "honestly signed, long ago",
            _grows(0, 14),
            _conflict(asks(8, 8), 14),
            _conflict(asks(0, 8), 14),
        ),
        _case(
            "old-size-above-size",
            "the tree would shrink",
            _grows(0, 14),
            _refused(request(14, head_of(8), ""), 400, 14),
        ),
        _case(
            "old-size-above-size-unseen",
            "no matter what is held",
            _refused(request(2, head_of(1), ""), 400),
        ),
        _case(
            "nothing-after-something",
            "size 0 from 0",
            _grows(0, 14),
            _conflict(request(0, head_of(0), ""), 14),
        ),
    ]


def _split_views() -> list[Case]:
    other = Head(LOG.name, 14, FORK.mth(0, 14))
    grown = Head(LOG.name, 20, FORK.mth(0, 20))
    from_fork = hash_lines(FORK.proof(0, 14, (0, 20)))
    from_common = hash_lines(FORK.proof(0, 8, (0, 14)))
    return [
        _case(
            "other-root-at-the-same-size",
            "two heads of 14",
            _grows(0, 14),
            _refused(request(14, other, ""), 422, 14),
            _grows(14, 14),
        ),
        _case(
            "other-history-grown",
            "a proof from the other head of 14",
            _grows(0, 14),
            _refused(request(14, grown, from_fork), 422, 14),
            _grows(14, 300),
        ),
        _case(
            "first-come",
            "the witness cannot know which of two is shown to others",
            _grows(0, 8),
            _cosigned(other, request(8, other, from_common)),
            _refused(request(14, HEAD, ""), 422, 14),
        ),
        _case(
            "no-entries-and-a-root",
            "size 0 has the root of nothing",
            _refused(request(0, Head(LOG.name, 0, bytes(32)), ""), 422),
        ),
    ]


def _proofs() -> list[Case]:
    hashes = TREE.proof(0, 8, (0, 14))
    flipped = [bytes([hashes[0][0] ^ 1]) + hashes[0][1:], *hashes[1:]]
    other = TREE.proof(0, 9, (0, 14))

    def bad(name: str, description: str, proof: list[bytes]) -> Case:
        refused = _refused(request(8, HEAD, hash_lines(proof)), 422, 8)
        return _case(name, description, _grows(0, 8), refused, _grows(8, 14))

    return [
        bad("no-proof", "left out", []),
        bad("proof-with-a-bit-flipped", "in its first hash", flipped),
        bad("proof-with-a-hash-more", "at its end", [*hashes, hashes[0]]),
        bad(
            "proof-with-the-old-root",
            "at its start, where a proof from a complete tree leaves it out",
            [TREE.mth(0, 8), *hashes],
        ),
        bad("proof-from-another-size", "from 9", other),
        bad("63-hashes", "as many as may be, and too many", [bytes(32)] * 63),
        _case(
            "proof-from-nothing",
            "the first must come without",
            _refused(request(0, HEAD, hash_lines(hashes)), 422),
            _grows(0, 14),
        ),
        _case(
            "proof-from-nothing-to-nothing",
            "likewise",
            _grows(0, 0),
            _refused(request(0, head_of(0), hash_lines(hashes)), 422),
        ),
        _case(
            "proof-of-the-same",
            "nothing to prove",
            _grows(0, 14),
            _refused(request(14, HEAD, hash_lines(hashes)), 422, 14),
        ),
        _case(
            "old-size-zero-with-proof",
            "of a log that was seen: first the size",
            _grows(0, 8),
            _conflict(request(0, HEAD, hash_lines(hashes)), 8),
        ),
    ]


def _signatures() -> list[Case]:
    good_line, forged = log_signature(LOG, HEAD), LOG.line(bytes(64))
    noise = [line(LOG.name, bytes(4), b"x"), line("a", LOG.key_id, bytes(64))]
    extended = head_of(14, "one extension")
    both = {LOG.name: [LOG, OLD_LOG]}

    def refused(name: str, description: str, *lines: str) -> Case:
        asked = _refused(f"old 0\n\n{note(HEAD.text, *lines)}", 403)
        return _case(name, description, asked)

    with_noise = f"old 0\n\n{note(HEAD.text, *noise, good_line, *noise)}"
    from_14 = f"{_proof(14, 300)}\n{signed(head_of(300), STRANGER)}"
    return [
        refused("unsigned", "by a stranger alone", log_signature(STRANGER, HEAD)),
        refused("other-key", "of the log's name", log_signature(OLD_LOG, HEAD)),
        refused("forged", "under the log's name and ID", forged),
        refused("forged-after-good", "a note is malformed by it", good_line, forged),
        refused("forged-before-good", "a note is malformed by it", forged, good_line),
        refused(
            "cosigned-by-this-witness",
            "which is not the log's signature",
            cosignature(WITNESS, HEAD),
        ),
        _case("unknown-lines", "ignored", _cosigned(HEAD, with_noise)),
        _case(
            "cosigned-before",
            "by another witness, ignored",
            _cosigned(
                HEAD,
                f"old 0\n\n{note(HEAD.text, good_line, cosignature(OTHER_W, HEAD))}",
            ),
        ),
        _case(
            "extension",
            "covered by an Ed25519 cosignature",
            _cosigned(extended, request(0, extended, "")),
        ),
        _case(
            "unsigned-after-good",
            "nothing is recorded",
            _grows(0, 14),
            _refused(f"old 14\n{from_14}", 403, 14),
            _grows(14, 300),
        ),
        _case(
            "rotation",
            "first the old key, then both, then the new",
            _grows(0, 8, OLD_LOG),
            _grows(8, 14, OLD_LOG, LOG),
            _grows(14, 300, LOG),
            logs=both,
        ),
        _case(
            "rotation-forged",
            "one of two trusted keys is forged",
            _refused(
                f"old 0\n\n{note(HEAD.text, good_line, OLD_LOG.line(bytes(64)))}", 403
            ),
            logs=both,
        ),
        _case(
            "ml-dsa-44-log",
            "a log's signature with its time",
            _cosigned(HEAD, request(0, HEAD, "", ML_DSA_LOG)),
            logs={LOG.name: [ML_DSA_LOG]},
        ),
        _case(
            "ml-dsa-44-witness",
            "another answer each time",
            _cosigned(HEAD, request(0, HEAD, ""), [ML_DSA_WITNESS]),
            keys=[ML_DSA_WITNESS],
        ),
        _case(
            "two-keys",
            "a line by each",
            _cosigned(HEAD, request(0, HEAD, ""), [WITNESS, ML_DSA_WITNESS]),
            keys=[WITNESS, ML_DSA_WITNESS],
        ),
    ]


OTHER_W = Party("other-witness.example", COSIGNER, bytes([8]) * 32)


def _logs() -> list[Case]:
    other = replace(HEAD, origin=OTHER_LOG.name)
    both = {LOG.name: [LOG], OTHER_LOG.name: [OTHER_LOG]}
    named = replace(HEAD, origin="a name of its own")
    return [
        _case(
            "log-unknown",
            "an origin that it does not follow",
            _refused(request(0, other, "", OTHER_LOG), 404),
        ),
        _case(
            "log-unknown-but-key-known",
            "the origin says which log it is",
            _refused(request(0, other, "", LOG), 404),
        ),
        _case(
            "origin-in-capitals",
            "compared byte by byte",
            _refused(request(0, replace(HEAD, origin=LOG.name.upper()), ""), 404),
        ),
        _case(
            "two-logs",
            "each has a history of its own",
            _grows(0, 14),
            _cosigned(other, request(0, other, "", OTHER_LOG)),
            _grows(14, 300),
            logs=both,
        ),
        _case(
            "key-of-another-log",
            "trusted, yet not for this origin",
            _refused(request(0, other, "", LOG), 403),
            logs=both,
        ),
        _case(
            "origin-not-the-key-name",
            "SHOULD match, and does not",
            _cosigned(named, request(0, named, "")),
            logs={named.origin: [LOG]},
        ),
    ]


def _malformed() -> list[Case]:
    whole = request(0, HEAD, "")
    grown = request(8, HEAD, _proof(8, 14))
    first = _proof(8, 14).splitlines()[0]
    texts: dict[str, tuple[str | bytes, str]] = {
        "nothing": ("", "no bytes"),
        "note-alone": (signed(HEAD, LOG), "no old size"),
        "no-empty-line": (whole.replace("\n\n", "\n", 1), "before the tree head"),
        "old-size-missing": (whole.replace("old 0", "old"), "a word alone"),
        "old-size-empty": (whole.replace("old 0", "old "), "a word and a space"),
        "old-size-with-leading-zero": (whole.replace("old 0", "old 00"), "00"),
        "old-size-with-plus": (whole.replace("old 0", "old +0"), "+0"),
        "old-size-negative": (whole.replace("old 0", "old -1"), "-1"),
        "old-size-with-two-spaces": (whole.replace("old 0", "old  0"), "one space"),
        "old-size-with-space-after": (whole.replace("old 0", "old 0 "), "one space"),
        "old-size-2-64": (whole.replace("old 0", f"old {2**64}"), "20 digits"),
        "old-in-capitals": (whole.replace("old", "Old"), "exactly"),
        "crlf": (whole.replace("\n", "\r\n"), "carriage returns"),
        "empty-line-first": (f"\n{whole}", "the old size comes first"),
        "hash-not-padded": (grown.replace(first, first[:-1]), "base64"),
        "hash-of-31-bytes": (grown.replace(first, b64(bytes(31))), "base64 of 32"),
        "hash-with-space-after": (grown.replace(first, f"{first} "), "base64"),
        "tree-head-malformed": (whole.replace("\n14\n", "\n014\n"), "a leading zero"),
        "note-malformed": (whole[:-1], "no newline at the end"),
        "not-utf-8": (b"\xff" + whole.encode(), "0xFF"),
        "64-hashes": (
            request(8, HEAD, hash_lines([bytes(32)] * 64)),
            "more than a client may send",
        ),
    }
    return [
        ours(
            _case(
                f"malformed-{name}",
                f"{why}; no status is named for it",
                _refused(text, 400),
                _grows(0, 14),
            )
        )
        for name, (text, why) in texts.items()
    ]


BOTH = (WITNESS, ML_DSA_WITNESS)


def _subtree_request(
    start: int | str,
    end: int | str,
    subtree_hash: bytes,
    proof: Iterable[bytes],
    head: Head = HEAD,
    *lines: str,
) -> str:
    cosigned = lines or (cosignature(WITNESS, head),)
    return (
        f"subtree {start} {end}\n{b64(subtree_hash)}\n{hash_lines(proof)}\n"
        f"{note(head.text, *cosigned)}"
    )


def _honest(start: int, end: int, *lines: str) -> str:
    proof = TREE.proof(start, end, (0, HEAD.size))
    return _subtree_request(start, end, TREE.mth(start, end), proof, HEAD, *lines)


def _subtree_cosigned(text: str) -> Exchange:
    told = {"cosigners": [ML_DSA_WITNESS.ref]}
    return _asked(SUBTREE, text, 0, 200, **told)


def _subtrees() -> list[Case]:
    by_ml_dsa = cosignature(ML_DSA_WITNESS, HEAD)
    ranges = {
        "subtree": (8, 13, "five leaves, as C2SP tlog-witness has it"),
        "subtree-of-a-leaf": (5, 6, "any leaf is one"),
        "subtree-of-four": (4, 8, "complete"),
        "subtree-from-0": (0, 11, "a tree that was"),
        "subtree-is-the-tree": (0, 14, "no proof"),
        "subtree-at-the-edge": (12, 14, "up to the size"),
    }
    return [
        *(
            _case(name, description, _subtree_cosigned(_honest(start, end)), keys=BOTH)
            for name, (start, end, description) in ranges.items()
        ),
        _case(
            "subtree-by-ml-dsa-44-alone",
            "the same key cosigned the tree head",
            _subtree_cosigned(_honest(8, 13, by_ml_dsa)),
            keys=[ML_DSA_WITNESS],
        ),
        _case(
            "subtree-with-the-logs-signature",
            "SHOULD be left out, and is ignored",
            _subtree_cosigned(
                _honest(8, 13, log_signature(LOG, HEAD), cosignature(WITNESS, HEAD))
            ),
            keys=BOTH,
        ),
    ]


def _bad_subtrees() -> list[Case]:
    value, proof = TREE.mth(8, 13), TREE.proof(8, 13, (0, 14))
    whole = _honest(8, 13)
    copied = cosignature(WITNESS, replace(HEAD, root=bytes(32)))
    timeless = subtree_cosignature(ML_DSA_WITNESS, LOG.name, 0, 14, HEAD.root)
    elsewhere = replace(HEAD, origin=OTHER_LOG.name)

    def refused(
        name: str,
        description: str,
        text: str,
        status: int,
        keys: Iterable[Party] = BOTH,
    ) -> Case:
        asked = _refused(text, status, path=SUBTREE)
        return _case(f"subtree-{name}", description, asked, keys=keys)

    first = whole.splitlines()[0]
    forms = {
        "start-with-leading-zero": "subtree 08 13",
        "end-with-leading-zero": "subtree 8 013",
        "end-missing": "subtree 8",
        "two-spaces": "subtree 8  13",
        "comma": "subtree 8, 13",
        "three-numbers": "subtree 8 13 14",
        "in-capitals": "Subtree 8 13",
        "negative": "subtree -8 13",
    }
    return [
        refused(
            "with-another-hash",
            "of other leaves",
            _subtree_request(8, 13, TREE.mth(0, 5), proof),
            422,
        ),
        refused(
            "with-another-proof",
            "of [8, 12)",
            _subtree_request(8, 13, value, TREE.proof(8, 12, (0, 14))),
            422,
        ),
        refused("without-proof", "left out", _subtree_request(8, 13, value, []), 422),
        refused(
            "with-a-hash-more",
            "at its end",
            _subtree_request(8, 13, value, [*proof, bytes(32)]),
            422,
        ),
        refused(
            "no-subtree",
            "[1, 3) is in no tree",
            _subtree_request(1, 3, value, proof),
            400,
        ),
        refused("of-no-leaves", "[8, 8)", _subtree_request(8, 8, value, []), 400),
        refused("backwards", "[13, 8)", _subtree_request(13, 8, value, proof), 400),
        refused(
            "beyond-the-tree",
            "[8, 15) of 14",
            _subtree_request(8, 15, value, proof),
            400,
        ),
        *(
            refused(name, "a range in another form", whole.replace(first, text), 400)
            for name, text in forms.items()
        ),
        refused(
            "without-hash",
            "nor proof",
            f"{first}\n\n{note(HEAD.text, cosignature(WITNESS, HEAD))}",
            400,
        ),
        refused(
            "with-64-hashes",
            "more than a client may send",
            _subtree_request(8, 13, value, [bytes(32)] * 64),
            400,
        ),
        refused(
            "with-hash-of-31-bytes",
            "base64 of 32",
            whole.replace(b64(value), b64(value[:31])),
            400,
        ),
        refused(
            "log-unknown",
            "an origin that it does not follow",
            _subtree_request(8, 13, value, proof, elsewhere),
            404,
        ),
        refused(
            "not-cosigned",
            "the log's signature is not the witness's",
            _honest(8, 13, log_signature(LOG, HEAD)),
            403,
        ),
        refused(
            "cosigned-by-another",
            "witness",
            _honest(8, 13, cosignature(OTHER_W, HEAD)),
            403,
        ),
        refused("cosignature-copied", "from another head", _honest(8, 13, copied), 403),
        ours(
            refused(
                "reference-is-a-subtree",
                "a subtree's cosignature, which tells no time, is none of a tree head",
                _honest(8, 13, timeless),
                403,
            )
        ),
        ours(refused("not-offered", "no key for ML-DSA-44", whole, 404, [WITNESS])),
    ]
