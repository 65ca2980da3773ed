"""Cases of `policy.json`: what a policy says, and which witnesses are enough for it."""

from collections.abc import Callable, Iterable
from itertools import combinations
from typing import Any

from tests.vectors.translog.cases.case import Case, bad, good, ours
from tests.vectors.translog.parties import (
    COSIGNER,
    ED25519,
    LOG,
    ML_DSA_44,
    ML_DSA_LOG,
    ML_DSA_W,
    OLD_LOG,
    OTHER_LOG,
    W1,
    W2,
    W3,
    Party,
    party,
)

Names = frozenset[str]
Log = tuple[Party, str | None]
Witness = tuple[str, Party, str | None]

L = f"log {LOG.vkey}\n"
X1, X2, X3 = (f"witness X{n} {w.vkey}\n" for n, w in enumerate((W1, W2, W3), start=1))
X123: list[Witness] = [("X1", W1, None), ("X2", W2, None), ("X3", W3, None)]
NONE = "quorum none\n"


def cases() -> list[Case]:
    return [
        *_quorums(),
        *_groups(),
        *_spacing(),
        *_keys_and_urls(),
        *_bad_lines(),
        *_bad_names(),
        *_bad_groups(),
        *_bad_keys(),
        *_bad_octets(),
    ]


def _is_one(*names: str) -> Callable[[Names], bool]:
    return lambda cosigned: bool(cosigned & {*names})


def _are_all(*names: str) -> Callable[[Names], bool]:
    return lambda cosigned: cosigned >= {*names}


def _are(needed: int, *names: str) -> Callable[[Names], bool]:
    return lambda cosigned: len(cosigned & {*names}) >= needed


def _sets(names: Iterable[str], is_enough: Callable[[Names], bool]) -> dict[str, Any]:
    """Return the least sets that are enough, and the largest that are not."""
    listed = list(names)
    every = [
        frozenset(chosen)
        for count in range(len(listed) + 1)
        for chosen in combinations(listed, count)
    ]
    enough = [chosen for chosen in every if is_enough(chosen)]
    not_enough = [chosen for chosen in every if not is_enough(chosen)]
    return {
        "enough": [
            sorted(one) for one in enough if not any(other < one for other in enough)
        ],
        "not_enough": [
            sorted(one)
            for one in not_enough
            if not any(other > one for other in not_enough)
        ],
    }


def _says(
    logs: Iterable[Log], witnesses: Iterable[Witness], sets: dict[str, Any]
) -> dict[str, Any]:
    return {
        "logs": [
            {"origin": key.name, "key": key.vkey, "url": url} for key, url in logs
        ],
        "witnesses": [
            {"name": name, "key": key.vkey, "url": url} for name, key, url in witnesses
        ],
        **sets,
    }


def _accepted(  # noqa: PLR0913 - what a policy says
    name: str,
    description: str,
    text: str,
    is_enough: Callable[[Names], bool],
    *,
    logs: Iterable[Log] = ((LOG, None),),
    witnesses: Iterable[Witness] = tuple(X123),
) -> Case:
    witnesses = list(witnesses)
    sets = _sets([name for name, *_ in witnesses], is_enough)
    return good(name, description, text, expected=_says(logs, witnesses, sets))


def _anything(_: Names) -> bool:
    return True


def _quorums() -> list[Case]:
    one = "a quorum of one witness"
    return [
        _accepted("no-witness", "quorum none", L + NONE, _anything, witnesses=[]),
        _accepted(
            "quorum-alone",
            "the one line that there must be",
            NONE,
            _anything,
            logs=[],
            witnesses=[],
        ),
        _accepted(
            "witnesses-and-none",
            "known and not needed",
            L + X1 + X2 + X3 + NONE,
            _anything,
        ),
        _accepted("one-witness", one, L + X1 + X2 + X3 + "quorum X2\n", _are_all("X2")),
        _accepted(
            "no-log",
            "the log is known elsewhere",
            X1 + "quorum X1\n",
            _are_all("X1"),
            logs=[],
            witnesses=X123[:1],
        ),
        _accepted(
            "log-after-quorum",
            "logs stand in any order",
            X1 + "quorum X1\n" + L,
            _are_all("X1"),
            witnesses=X123[:1],
        ),
        _accepted(
            "witness-after-quorum",
            "it counts for nothing",
            L + X1 + "quorum X1\n" + X2 + X3,
            _are_all("X1"),
        ),
        _accepted(
            "two-logs",
            "either is accepted",
            L + f"log {OTHER_LOG.vkey}\n" + NONE,
            _anything,
            logs=[(LOG, None), (OTHER_LOG, None)],
            witnesses=[],
        ),
        _accepted(
            "two-keys-of-a-log",
            "rotation",
            L + f"log {OLD_LOG.vkey}\n" + NONE,
            _anything,
            logs=[(LOG, None), (OLD_LOG, None)],
            witnesses=[],
        ),
    ]


def _groups() -> list[Case]:
    three = L + X1 + X2 + X3
    y = [party(f"y{n}.example", COSIGNER) for n in range(1, 4)]
    ys = "".join(f"witness Y{n} {w.vkey}\n" for n, w in enumerate(y, start=1))
    y123: list[Witness] = [(f"Y{n}", w, None) for n, w in enumerate(y, start=1)]
    two_levels = (
        f"{L}\n{X1}{X2}{X3}group X-witnesses 2 X1 X2 X3\n\n{ys}"
        "group Y-witnesses any Y1 Y2 Y3\n\n"
        "group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n"
    )
    many = [party(f"w{n}.example", COSIGNER) for n in range(32)]
    rows = "".join(f"witness w{n} {w.vkey}\n" for n, w in enumerate(many))
    names = [f"w{n}" for n in range(32)]
    chain = "".join(f"group g{n} any g{n - 1}\n" for n in range(1, 32))
    logs = [party(f"log{n}.example", ED25519) for n in range(32)]
    half = {
        "enough": [names[:17], names[15:]],
        "not_enough": [names[:16], [], names[16:]],
    }
    return [
        _accepted(
            "any",
            "one of three",
            three + "group g any X1 X2 X3\nquorum g\n",
            _is_one("X1", "X2", "X3"),
        ),
        _accepted(
            "all",
            "three of three",
            three + "group g all X1 X2 X3\nquorum g\n",
            _are_all("X1", "X2", "X3"),
        ),
        _accepted(
            "two-of-three",
            "a majority",
            three + "group g 2 X1 X2 X3\nquorum g\n",
            _are(2, "X1", "X2", "X3"),
        ),
        _accepted(
            "group-of-one",
            "n is 1 at least",
            three + "group g 1 X3\nquorum g\n",
            _are_all("X3"),
        ),
        _accepted(
            "group-not-used",
            "the quorum is elsewhere",
            three + "group g all X1 X2\nquorum X3\n",
            _are_all("X3"),
        ),
        _accepted(
            "group-inside-a-group",
            "both must have it",
            three + "group g any X1 X2\ngroup h all g X3\nquorum h\n",
            lambda cosigned: "X3" in cosigned and bool(cosigned & {"X1", "X2"}),
        ),
        _accepted(
            "specification-example",
            "C2SP tlog-policy, two levels",
            two_levels,
            lambda cosigned: (
                len(cosigned & {"X1", "X2", "X3"}) > 1
                and bool(cosigned & {"Y1", "Y2", "Y3"})
            ),
            witnesses=[*X123, *y123],
        ),
        _accepted(
            "group-name-like-a-number",
            "names are opaque",
            three + "group 2 2 X1 X2\nquorum 2\n",
            _are_all("X1", "X2"),
        ),
        _accepted(
            "group-name-like-a-word",
            "names are opaque",
            three + "group any all X1 X2\nquorum any\n",
            _are_all("X1", "X2"),
        ),
        good(
            "seventeen-of-32",
            "as many witnesses as SHOULD be supported",
            f"{L}{rows}group g 17 {' '.join(names)}\nquorum g\n",
            expected=_says(
                [(LOG, None)],
                [(n, w, None) for n, w in zip(names, many, strict=True)],
                half,
            ),
        ),
        _accepted(
            "32-groups",
            "as many as SHOULD be supported, each in the next",
            f"{L}{X1}group g0 any X1\n{chain}quorum g31\n",
            _are_all("X1"),
            witnesses=X123[:1],
        ),
        _accepted(
            "32-logs",
            "as many as SHOULD be supported",
            "".join(f"log {log.vkey}\n" for log in logs) + NONE,
            _anything,
            logs=[(log, None) for log in logs],
            witnesses=[],
        ),
    ]


def _spacing() -> list[Case]:
    spaced = f" \tlog  {LOG.vkey}\t \n\t\n   \n{NONE}"
    commented = f"# a comment\n\t # another\n#\n{L}#quorum X1\n{NONE}# end\n"
    accents = f"{L}# caf\u00e9 \u2028 \x85\n{NONE}"
    names = f"{L}witness \u00e9\u00a0\u2003k {W1.vkey}\nquorum \u00e9\u00a0\u2003k\n"
    kelvin = f"{L}witness K {W1.vkey}\nwitness \u212a {W2.vkey}\nquorum \u212a\n"
    latin = f"{L}witness ".encode() + b"caf\xe9 " + f"{W1.vkey}\nquorum ".encode()
    sharp = f"{L}witness #X {W1.vkey}\nquorum #X\n"
    return [
        _accepted(
            "spaces-and-tabs",
            "any number, anywhere between words",
            spaced,
            _anything,
            witnesses=[],
        ),
        _accepted(
            "comments", "lines that start with #", commented, _anything, witnesses=[]
        ),
        _accepted(
            "comment-not-ascii", "octets above 0x7F", accents, _anything, witnesses=[]
        ),
        _accepted(
            "name-with-other-spaces",
            "only space and tab part words",
            names,
            _are_all("\u00e9\u00a0\u2003k"),
            witnesses=[("\u00e9\u00a0\u2003k", W1, None)],
        ),
        _accepted(
            "kelvin-sign",
            "names are compared octet by octet",
            kelvin,
            _are_all("\u212a"),
            witnesses=[("K", W1, None), ("\u212a", W2, None)],
        ),
        good(
            "name-not-utf-8",
            "names are octets; here they are given in base64",
            latin + b"caf\xe9\n",
            names="base64",
            expected=_says(
                [(LOG, None)],
                [("Y2Fm6Q==", W1, None)],
                {"enough": [["Y2Fm6Q=="]], "not_enough": [[]]},
            ),
        ),
        _accepted(
            "number-sign-in-name",
            "a comment starts a line",
            sharp,
            _are_all("#X"),
            witnesses=[("#X", W1, None)],
        ),
        ours(
            _accepted(
                "no-newline-at-end",
                "each line ends in one; we do not insist",
                (L + NONE)[:-1],
                _anything,
                witnesses=[],
            )
        ),
    ]


def _keys_and_urls() -> list[Case]:
    url = "https://log.example/vectors/"
    odd = "mailto:somebody"
    return [
        _accepted(
            "urls",
            "of a log and a witness",
            f"log {LOG.vkey} {url}\nwitness X1 {W1.vkey} {url}w\n{NONE}",
            _anything,
            logs=[(LOG, url)],
            witnesses=[("X1", W1, f"{url}w")],
        ),
        _accepted(
            "url-of-any-kind",
            "its meaning is for the application",
            f"log {LOG.vkey} {odd}\n{NONE}",
            _anything,
            logs=[(LOG, odd)],
            witnesses=[],
        ),
        _accepted(
            "ml-dsa-44",
            "for logs and witnesses",
            f"log {ML_DSA_LOG.vkey}\nwitness W {ML_DSA_W.vkey}\nquorum W\n",
            _are_all("W"),
            logs=[(ML_DSA_LOG, None)],
            witnesses=[("W", ML_DSA_W, None)],
        ),
        _accepted(
            "witness-named-like-its-key",
            "any key name is a name",
            f"witness {W1.name} {W1.vkey}\nquorum {W1.name}\n",
            _are_all(W1.name),
            logs=[],
            witnesses=[(W1.name, W1, None)],
        ),
    ]


def _bad_lines() -> list[Case]:
    line = "line"
    return [
        bad("nothing", "a policy has a quorum line", "", "quorum"),
        bad("no-quorum", "not even none", L + X1, "quorum"),
        bad("quorum-in-comment", "does not count", f"{L}#{NONE}", "quorum"),
        bad("two-quorums", "exactly one", L + NONE + NONE, "quorum"),
        bad("quorum-without-name", "a word alone", f"{L}quorum\n", line),
        bad(
            "quorum-of-two-names",
            "make a group of them",
            f"{L}{X1}{X2}quorum X1 X2\n",
            line,
        ),
        bad(
            "quorum-with-comment",
            "a comment is a line of its own",
            f"{L}quorum none # nobody\n",
            line,
        ),
        bad("unknown-word", "no line starts so", f"{L}threshold 1\n{NONE}", line),
        bad(
            "word-in-capitals",
            "compared octet by octet",
            f"LOG {LOG.vkey}\n{NONE}",
            line,
        ),
        bad("log-without-key", "a word alone", f"log\n{NONE}", line),
        bad("log-with-two-urls", "one at most", f"log {LOG.vkey} a b\n{NONE}", line),
        bad("witness-without-key", "a name alone", f"witness X1\n{NONE}", line),
        bad("witness-without-name", "a key alone", f"witness {W1.vkey}\n{NONE}", line),
        bad(
            "witness-with-two-urls",
            "one at most",
            f"witness X1 {W1.vkey} a b\n{NONE}",
            line,
        ),
        bad("group-without-members", "one at least", f"{X1}group g any\n{NONE}", line),
        bad(
            "group-without-threshold",
            "any, all or a number",
            f"{X1}group g X1\n{NONE}",
            line,
        ),
        bad(
            "group-without-name",
            "any is the name then",
            f"{X1}group any X1\n{NONE}",
            line,
        ),
    ]


def _bad_names() -> list[Case]:
    name = "name"
    return [
        bad(
            "witness-twice",
            "names are single",
            f"{X1}witness X1 {W2.vkey}\n{NONE}",
            name,
        ),
        bad(
            "group-twice",
            "names are single",
            f"{X1}{X2}group g any X1\ngroup g any X2\n{NONE}",
            name,
        ),
        bad(
            "group-named-like-a-witness",
            "one namespace",
            f"{X1}{X2}group X1 any X2\n{NONE}",
            name,
        ),
        bad(
            "witness-named-like-a-group",
            "one namespace",
            f"{X1}group g any X1\nwitness g {W2.vkey}\n{NONE}",
            name,
        ),
        bad("witness-named-none", "reserved", f"witness none {W1.vkey}\n{NONE}", name),
        bad("group-named-none", "reserved", f"{X1}group none any X1\n{NONE}", name),
        bad("quorum-not-defined", "no such name", f"{L}{X1}quorum X2\n", name),
        bad("quorum-of-a-log", "logs have no names", f"{L}quorum {LOG.name}\n", name),
        bad(
            "quorum-before-witness",
            "defined on a line before",
            f"{L}quorum X1\n{X1}",
            name,
        ),
        bad("quorum-in-other-letters", "octet by octet", f"{X1}quorum x1\n", name),
        bad(
            "group-before-witness",
            "defined on a line before",
            f"group g any X1\n{X1}quorum g\n",
            name,
        ),
        bad(
            "group-of-itself",
            "not defined yet",
            f"{X1}group g any X1 g\nquorum g\n",
            name,
        ),
        bad("group-of-none", "no member", f"{X1}group g any X1 none\nquorum g\n", name),
    ]


def _bad_groups() -> list[Case]:
    two = X1 + X2
    thresholds = {
        "threshold-0": "0",
        "threshold-above-members": "3",
        "threshold-negative": "-1",
        "threshold-with-plus": "+1",
        "threshold-with-leading-zero": "01",
        "threshold-hexadecimal": "0x1",
        "threshold-real": "1.0",
        "threshold-in-capitals": "ALL",
        "threshold-half": "half",
        "threshold-in-wide-digits": "\uff11",
    }
    found = {
        name: bad(
            name,
            "1 to the number of members",
            f"{two}group g {k} X1 X2\nquorum g\n",
            "threshold",
        )
        for name, k in thresholds.items()
    }
    leading = "threshold-with-leading-zero"
    found[leading] = ours(found[leading])
    return [
        *found.values(),
        bad(
            "member-twice-in-a-group",
            "at most once",
            f"{two}group g any X1 X1\n{NONE}",
            "member",
        ),
        bad(
            "member-of-two-groups",
            "at most once",
            f"{two}group g any X1\ngroup h any X1 X2\n{NONE}",
            "member",
        ),
        bad(
            "group-of-two-groups",
            "at most once",
            f"{two}group g any X1\ngroup h any g\ngroup i any g X2\n{NONE}",
            "member",
        ),
    ]


def _bad_keys() -> list[Case]:
    renamed = Party("renamed.example", ED25519, LOG.seed)
    renamed_witness = Party("renamed.example", COSIGNER, W1.seed)
    as_witness = Party(LOG.name, COSIGNER, LOG.seed)
    cut = LOG.vkey[:-1]
    other_id = LOG.vkey.replace(LOG.key_id.hex(), "00000000")
    twice, kind = "duplicate", "kind"
    assert ML_DSA_LOG.kind == ML_DSA_44
    return [
        bad("log-key-cut", "no key", f"log {cut}\n{NONE}", "key"),
        bad("log-key-with-another-id", "no key", f"log {other_id}\n{NONE}", "key"),
        bad("witness-key-cut", "no key", f"witness X1 {W1.vkey[:-1]}\n{NONE}", "key"),
        bad("log-twice", "one public key", L + L + NONE, twice),
        bad(
            "log-renamed",
            "one public key, two names",
            f"{L}log {renamed.vkey}\n{NONE}",
            twice,
        ),
        bad(
            "witness-key-twice",
            "one public key",
            f"{X1}witness X2 {W1.vkey}\n{NONE}",
            twice,
        ),
        bad(
            "witness-key-renamed",
            "one public key, two key names",
            f"{X1}witness X2 {renamed_witness.vkey}\n{NONE}",
            twice,
        ),
        _accepted(
            "one-key-for-log-and-witness",
            "only two logs, or two witnesses, are duplicates",
            f"{L}witness X1 {as_witness.vkey}\nquorum X1\n",
            _are_all("X1"),
            witnesses=[("X1", as_witness, None)],
        ),
        bad(
            "witness-with-a-logs-kind",
            "0x01 cosigns nothing",
            f"witness X1 {LOG.vkey}\n{NONE}",
            kind,
        ),
        ours(
            bad(
                "log-with-a-witness-kind",
                "0x04 speaks for witnesses",
                f"log {W1.vkey}\n{NONE}",
                kind,
            )
        ),
    ]


def _bad_octets() -> list[Case]:
    octet = "octet"
    return [
        bad("crlf", "0x0D", (L + NONE).replace("\n", "\r\n"), octet),
        bad("null", "0x00", f"{L}#\0\n{NONE}", octet),
        bad("escape", "0x1B, also in comments", f"{L}# \x1b[1m\n{NONE}", octet),
        bad("vertical-tab", "0x0B parts no words", f"{L}quorum\x0bnone\n", octet),
        bad("form-feed", "0x0C parts no words", f"{L}quorum\x0cnone\n", octet),
        bad("delete", "0x7F", f"{L}# \x7f\n{NONE}", octet),
    ]
