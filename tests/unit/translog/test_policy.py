"""Each sentence of C2SP tlog-policy that forbids; what a policy accepts."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.literals import literals

from assent.translog.errors import (
    CosignatureInvalid,
    NoteMalformed,
    PolicyMalformed,
    QuorumNotMet,
    TreeHeadUnsigned,
    WrongOrigin,
)
from assent.translog.formats import policy as documented
from assent.translog.formats.cosignature import cosign
from assent.translog.formats.encoding import encode_base64
from assent.translog.formats.keys import KeyKind, SigningKey, make_signing_key
from assent.translog.formats.policy import (
    LOGS_MAX,
    Log,
    Policy,
    Witness,
    parse_policy,
    verify_tree_head_by_policy,
)
from assent.translog.formats.quorum import MEMBERS_MAX, Quorum
from assent.translog.formats.signed_head import SignedTreeHead, sign_tree_head
from assent.translog.formats.statements import POLICY_BYTES_MAX
from assent.translog.formats.tree_head import TreeHead
from assent.vocabulary import AssentError, SignatureInvalid

ORIGIN = "agency.example/log"
NOW_S = 1_780_000_000


def _key(name: str, kind: KeyKind, seed: int) -> SigningKey:
    return make_signing_key(name, kind, seed.to_bytes(32, "big"))


LOG = _key(ORIGIN, KeyKind.ED25519, 1)
LOG_ROTATED = _key(ORIGIN, KeyKind.ML_DSA_44_COSIGNATURE, 2)
LOG_OTHER = _key("other.example/log", KeyKind.ED25519, 3)
W1, W2, W3 = (
    _key(f"w{number}.example", KeyKind.ED25519_COSIGNATURE, 10 + number)
    for number in (1, 2, 3)
)
W4 = _key("w4.example", KeyKind.ML_DSA_44_COSIGNATURE, 14)
KEYS = {
    "LOG": LOG.verifier.text,
    "ROTATED": LOG_ROTATED.verifier.text,
    "OTHER": LOG_OTHER.verifier.text,
    "W1": W1.verifier.text,
    "W2": W2.verifier.text,
    "W3": W3.verifier.text,
    "W4": W4.verifier.text,
    # The same public keys under other names and for other uses.
    "LOG_RENAMED": _key("else.example", KeyKind.ED25519, 1).verifier.text,
    "W1_RENAMED": _key("else.example", KeyKind.ED25519_COSIGNATURE, 11).verifier.text,
    "W1_PLAIN": _key("w1.example", KeyKind.ED25519, 11).verifier.text,
    "LOG_COSIGNING": _key(ORIGIN, KeyKind.ED25519_COSIGNATURE, 1).verifier.text,
    "ECDSA": f"w.example+01020304+{encode_base64(bytes([2] + [0] * 91))}",
    "UNKNOWN": f"w.example+01020304+{encode_base64(bytes([0x63] + [0] * 32))}",
}


def _data(lines: str) -> bytes:
    """Put keys where <NAMES> stand, and octets where lone surrogates do."""
    filled = re.sub(r"<(\w+)>", lambda match: KEYS[match[1]], lines)
    return filled.encode("utf-8", "surrogateescape")


ACCEPTED = {
    "only the quorum is mandatory": "quorum none\n",
    "a set of witnesses is optional with none": "log <LOG>\nquorum none\n",
    "witnesses may be known and not needed": "witness A <W1>\nquorum none\n",
    "a quorum of one witness": "log <LOG>\nwitness A <W1>\nquorum A\n",
    "logs and witnesses in any order": "witness A <W1>\nlog <LOG>\nquorum A\n",
    "logs and witnesses after the quorum": "quorum none\nlog <LOG>\nwitness A <W1>\n",
    "groups after the quorum": "witness A <W1>\nquorum A\ngroup g any A\n",
    "two logs": "log <LOG>\nlog <OTHER>\nquorum none\n",
    "two keys of one log": "log <LOG>\nlog <ROTATED>\nquorum none\n",
    "a witness with ML-DSA-44": "witness A <W4>\nquorum A\n",
    "a log may be a witness too": "log <ROTATED>\nwitness A <ROTATED>\nquorum A\n",
    "one public key for a log and a witness": "log <LOG>\nwitness A <LOG_COSIGNING>\n"
    "quorum A\n",
    "tabs and spaces anywhere": " \tlog\t <LOG> \t\n\t\twitness  A\t<W1>\nquorum A\t\n",
    "empty lines": "\n\n \t \nquorum none\n\n",
    "comments": "#\n# log nonsense\n \t#quorum A\nquorum none\n",
    "octets above 127 in a comment": "# \udcff\udc80 é\nquorum none\n",
    "URLs": "log <LOG> https://log.example/\nwitness A <W1> https://w/\nquorum A\n",
    "URLs in other alphabets": "log <LOG> https://журнал.example/\nquorum none\n",
    "a URL that is none": "log <LOG> somewhere\nquorum none\n",
    "a hash inside a word": "witness A#1 <W1> https://w/#x\nquorum A#1\n",
    "keywords as names": "witness all <W1>\nwitness any <W2>\n"
    "group group 2 all any\nquorum group\n",
    "a number as a name": "witness 1 <W1>\nwitness 2 <W2>\ngroup 3 1 1 2\nquorum 3\n",
    "a name with a plus and slashes": "witness a+b/c <W1>\nquorum a+b/c\n",
    "names in other alphabets": "witness 王 <W1>\nquorum 王\n",
    "names that are no UTF-8": "witness \udc80\udcff <W1>\nquorum \udc80\udcff\n",
    "names that look alike": "witness K <W1>\nwitness \u212a <W2>\nquorum \u212a\n",
    "names in two normal forms": "witness \u00e9 <W1>\nwitness e\u0301 <W2>\n"
    "quorum \u00e9\n",
    "a name with a no-break space": "witness a\u00a0b <W1>\nquorum a\u00a0b\n",
    "a name with a line separator": "witness a\u2028b <W1>\nquorum a\u2028b\n",
    "a last line without its newline": "witness A <W1>\nquorum A",
    "the example of the specification": "log <LOG>\n\n"
    "witness X1 <W1>\nwitness X2 <W2>\ngroup X-witnesses 2 X1 X2\n\n"
    "witness Y1 <W3>\nwitness Y2 <W4>\ngroup Y-witnesses any Y1 Y2\n\n"
    "group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n",
}

REFUSED = {  # each with the line that the message must name; 0 for the whole
    "nothing": ("", 0),
    "no quorum": ("log <LOG>\nwitness A <W1>\n", 0),
    "a quorum in a comment": ("# quorum none\n", 0),
    "two quorums": ("quorum none\n\nquorum none\n", 3),
    "a quorum before its witness": ("quorum A\nwitness A <W1>\n", 1),
    "a quorum before its group": ("witness A <W1>\nquorum g\ngroup g any A\n", 2),
    "a quorum of a log": ("log <LOG>\nquorum agency.example/log\n", 2),
    "a quorum of a key's name": ("witness A <W1>\nquorum w1.example\n", 2),
    "a group before its witness": ("group g any A\nwitness A <W1>\nquorum g\n", 1),
    "a group of none": ("witness A <W1>\ngroup g any none\nquorum g\n", 2),
    "a group of another's member": (
        "witness A <W1>\ngroup g any A\ngroup h any A\nquorum g\n",
        3,
    ),
    "a witness named none": ("witness none <W1>\nquorum none\n", 1),
    "a group named none": ("witness A <W1>\ngroup none any A\nquorum none\n", 2),
    "two witnesses of one name": ("witness A <W1>\nwitness A <W2>\nquorum A\n", 2),
    "a group named as a witness": ("witness A <W1>\ngroup A any A\nquorum A\n", 2),
    "a witness named as a group": (
        "witness A <W1>\ngroup g any A\nwitness g <W2>\nquorum g\n",
        3,
    ),
    "a log twice": ("log <LOG>\nlog <LOG> https://log.example/\nquorum none\n", 2),
    "a log twice by two names": ("log <LOG>\nlog <LOG_RENAMED>\nquorum none\n", 2),
    "a witness twice": ("witness A <W1>\nwitness B <W1>\nquorum A\n", 2),
    "a witness twice by two names": (
        "witness A <W1>\nwitness B <W1_RENAMED>\nquorum A\n",
        2,
    ),
    "a witness with a log's key": ("witness A <W1_PLAIN>\nquorum A\n", 1),
    "a log with a witness's key": ("log <LOG_COSIGNING>\nquorum none\n", 1),
    "a key of ECDSA": ("witness A <ECDSA>\nquorum A\n", 1),
    "a log's key of an unknown kind": ("log <UNKNOWN>\nquorum none\n", 1),
    "a witness's key of an unknown kind": ("witness A <UNKNOWN>\nquorum A\n", 1),
    "a key with a wrong ID": (f"log {KEYS['LOG'].replace('log+', 'log+0')}\n", 1),
    "a key with another's ID": (f"log {ORIGIN}{KEYS['OTHER'][17:]}\n", 1),
    "a key of another name": (f"witness A {KEYS['W1'].replace('w1', 'w2')}\n", 1),
    "a cut key": (f"log {KEYS['LOG'][:-1]}\nquorum none\n", 1),
    "a key name that is no UTF-8": (f"log \udcff{KEYS['LOG']}\nquorum none\n", 1),
    "a bare public key": (f"log {'ab' * 32}\nquorum none\n", 1),
    "a log without a key": ("quorum none\nlog\n", 2),
    "a log with a name": ("log A <LOG>\nquorum none\n", 1),
    "a log with two URLs": ("log <LOG> https://a/ https://b/\nquorum none\n", 1),
    "a witness without a key": ("witness A\nquorum none\n", 1),
    "a witness without a name": ("witness <W1>\nquorum none\n", 1),
    "a witness with two URLs": ("witness A <W1> https://a/ b\nquorum A\n", 1),
    "a comment after a URL": ("witness A <W1> https://a/ # ours\nquorum A\n", 1),
    "a comment after a key": ("log <LOG> # ours\nquorum none\n", 1),
    "an unknown word": ("version 1\nquorum none\n", 1),
    "a keyword in capitals": ("LOG <LOG>\nquorum none\n", 1),
    "a byte order mark": ("\ufeffquorum none\n", 1),
    "a carriage return": ("log <LOG>\r\nquorum none\r\n", 1),
    "a vertical tab": ("quorum\vnone\n", 1),
    "a form feed": ("\fquorum none\n", 1),
    "a null": ("\n\nquorum none\x00\n", 3),
    "a delete": ("quorum none\n# \x7f\n", 2),
    "an escape in a comment": ("# \x1b[2J\nquorum none\n", 1),
    "a no-break space between words": ("quorum\u00a0none\n", 1),
}


@pytest.mark.parametrize("lines", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_accepts(lines: str) -> None:
    policy = parse_policy(_data(lines))
    assert parse_policy(policy.encoded) == policy
    assert parse_policy(policy.encoded).encoded == policy.encoded


@pytest.mark.parametrize(("lines", "line"), REFUSED.values(), ids=REFUSED.keys())
def test_refuses(lines: str, line: int) -> None:
    with pytest.raises(PolicyMalformed) as caught:
        parse_policy(_data(lines))
    place = f"Line {line} of this policy" if line else "This is no policy"
    assert caught.value.message.startswith(place)
    caught.value.message.encode()  # whatever was in the file, a terminal can show this


def test_the_documented_policy_means_what_it_says() -> None:
    (literal,) = literals(documented)
    data = literal.encode()
    policy = parse_policy(data)
    (log,) = policy.logs_for("agency.example/log")
    assert log.url == "https://log.agency.example/"
    assert [witness.name for witness in policy.witnesses] == ["KEN", "NOR", "URY"]
    assert policy.quorum.is_met_by({"KEN", "URY"})
    assert not policy.quorum.is_met_by({"NOR"})
    assert policy.encoded == b"".join(data.splitlines(keepends=True)[1:])


@pytest.mark.parametrize("kind", ["log", "witness"])
def test_takes_as_many_as_it_says_and_no_more(kind: str) -> None:
    limit, role = {
        "log": (LOGS_MAX, KeyKind.ED25519),
        "witness": (MEMBERS_MAX, KeyKind.ED25519_COSIGNATURE),
    }[kind]
    rows = [
        f"log {_key('l', role, seed).verifier.text}\n"
        if kind == "log"
        else f"witness w{seed} {_key('w', role, seed).verifier.text}\n"
        for seed in range(1, limit + 2)
    ]
    assert parse_policy("".join([*rows[:-1], "quorum none\n"]).encode())
    with pytest.raises(PolicyMalformed, match=f"Line {limit + 1} .* {limit}"):
        parse_policy("".join([*rows, "quorum none\n"]).encode())


def test_refuses_what_is_too_long_to_be_a_policy() -> None:
    padding = b"#" * (POLICY_BYTES_MAX - len(b"\nquorum none\n"))
    assert parse_policy(padding + b"\nquorum none\n")
    with pytest.raises(PolicyMalformed, match="longer"):
        parse_policy(padding + b"#\nquorum none\n")


@given(st.binary(max_size=200))
def test_whatever_comes_is_read_or_refused(data: bytes) -> None:
    try:
        policy = parse_policy(data + b"\nquorum none\n")
    except PolicyMalformed:
        return
    assert policy.encoded == b"quorum none\n"


@given(
    st.lists(st.sampled_from([*ACCEPTED.values(), *(r[0] for r in REFUSED.values())]))
)
def test_lines_in_any_company_are_read_or_refused(parts: list[str]) -> None:
    try:
        policy = parse_policy(_data("".join(parts)))
    except PolicyMalformed:
        return
    assert parse_policy(policy.encoded) == policy


# What a policy accepts. Size 3 and a root that nobody checks here.

HEAD = TreeHead(ORIGIN, 3, bytes(range(32)))
TWO_OF_THREE = parse_policy(
    _data(
        "log <LOG>\nlog <ROTATED>\nlog <OTHER>\n"
        "witness A <W1>\nwitness B <W2>\nwitness D <W4>\n"
        "group g 2 A B D\nquorum g\n"
    )
)


def _signed(
    *witnesses: SigningKey, head: TreeHead = HEAD, logs: tuple[SigningKey, ...] = (LOG,)
) -> SignedTreeHead:
    lines = [cosign(head, key, NOW_S + at) for at, key in enumerate(witnesses)]
    return sign_tree_head(head, logs, NOW_S).with_signatures(*lines)


def test_a_head_with_a_quorum_is_verified_with_all_its_cosigners() -> None:
    verified = TWO_OF_THREE.check(_signed(W1, W3, W4))
    assert verified.signed.head == HEAD
    assert verified.log == Log(LOG.verifier)
    assert verified.cosigners == {"A": NOW_S, "D": NOW_S + 2}


def test_a_head_is_verified_from_its_bytes() -> None:
    data = _signed(W1, W2).encoded
    verified = verify_tree_head_by_policy(data, TWO_OF_THREE, origin=ORIGIN)
    assert verified.signed.encoded == data


def test_any_one_key_of_the_log_is_enough() -> None:
    verified = TWO_OF_THREE.check(_signed(W1, W2, logs=(LOG_ROTATED,)))
    assert verified.log.key == LOG_ROTATED.verifier


def test_the_newest_of_a_witnesss_cosignatures_counts_once() -> None:
    verified = TWO_OF_THREE.check(_signed(W1, W2, W1))
    assert verified.cosigners == {"A": NOW_S + 2, "B": NOW_S + 1}
    with pytest.raises(QuorumNotMet):
        TWO_OF_THREE.check(_signed(W1, W1, W1))


def test_a_quorum_that_is_not_met_says_who_is_missing() -> None:
    with pytest.raises(QuorumNotMet) as caught:
        TWO_OF_THREE.check(_signed(W1, W3))
    assert caught.value.message == (
        "Too few witnesses cosigned tree head 3 of agency.example/log:"
        " 'g' has 1 of the 2 it needs and lacks 'B', 'D'."
    )


def test_none_asks_for_the_log_alone() -> None:
    policy = replace(TWO_OF_THREE, quorum=Quorum("none"))
    assert policy.check(_signed()).cosigners == {}
    with pytest.raises(TreeHeadUnsigned):
        policy.check(_signed(W1, W2, logs=()))


def test_a_log_that_the_policy_does_not_name_is_refused() -> None:
    head = replace(HEAD, origin="third.example/log")
    third = _key("third.example/log", KeyKind.ED25519, 9)
    with pytest.raises(WrongOrigin):
        TWO_OF_THREE.check(_signed(W1, W2, head=head, logs=(third,)))
    with pytest.raises(WrongOrigin):
        replace(TWO_OF_THREE, logs=()).check(_signed(W1, W2))


def test_a_log_of_the_policy_that_was_not_asked_about_is_refused() -> None:
    head = replace(HEAD, origin="other.example/log")
    signed = _signed(W1, W2, head=head, logs=(LOG_OTHER,))
    assert TWO_OF_THREE.check(signed).log == Log(LOG_OTHER.verifier)
    with pytest.raises(WrongOrigin):
        verify_tree_head_by_policy(signed, TWO_OF_THREE, origin=ORIGIN)


def test_the_key_of_one_log_does_not_sign_for_another() -> None:
    with pytest.raises(TreeHeadUnsigned):
        TWO_OF_THREE.check(_signed(W1, W2, logs=(LOG_OTHER,)))


def test_a_witness_does_not_sign_for_the_log() -> None:
    with pytest.raises(TreeHeadUnsigned):
        TWO_OF_THREE.check(_signed(W1, W2, W4, logs=()))


def test_a_signature_of_another_head_is_refused() -> None:
    stolen = _signed(head=replace(HEAD, size=2))
    forged = SignedTreeHead(HEAD, replace(stolen.note, text=HEAD.text))
    with pytest.raises(SignatureInvalid):
        TWO_OF_THREE.check(forged.with_signatures(*_signed(W1, W2).note.signatures[1:]))


def test_a_forged_line_of_another_log_of_the_policy_is_refused() -> None:
    stolen = _signed(head=replace(HEAD, size=2), logs=(LOG_OTHER,))
    with pytest.raises(SignatureInvalid):
        TWO_OF_THREE.check(_signed(W1, W2).with_signatures(*stolen.note.signatures))


def test_a_forged_cosignature_is_refused_even_if_others_are_enough() -> None:
    stolen = cosign(replace(HEAD, size=2), W4, NOW_S)
    with pytest.raises(CosignatureInvalid):
        TWO_OF_THREE.check(_signed(W1, W2).with_signatures(stolen))


def test_a_forged_line_of_an_unknown_witness_is_ignored() -> None:
    stolen = cosign(replace(HEAD, size=2), W3, NOW_S)
    signed = _signed(W1, W2).with_signatures(stolen)
    assert TWO_OF_THREE.check(signed).cosigners.keys() == {"A", "B"}


def test_a_head_beside_another_note_does_not_smuggle_itself_in() -> None:
    lie = SignedTreeHead(replace(HEAD, size=1_000), _signed(W1, W2).note)
    assert TWO_OF_THREE.check(lie).signed.head == HEAD


def test_what_is_no_note_is_refused_as_such() -> None:
    with pytest.raises(NoteMalformed):
        verify_tree_head_by_policy(b"quorum none\n", TWO_OF_THREE)


def test_keys_are_counted_as_the_witnesses_they_belong_to() -> None:
    assert TWO_OF_THREE.is_quorum({W1.verifier, W4.verifier})
    assert not TWO_OF_THREE.is_quorum({W1.verifier, W3.verifier, LOG.verifier})


def test_names_of_octets_that_are_no_text_are_kept_and_never_break_a_message() -> None:
    witness = Witness("\udcff", W1.verifier)
    policy = Policy((Log(LOG.verifier),), (witness,), Quorum("\udcff"))
    assert b"witness \xff " in policy.encoded
    assert policy.check(_signed(W1)).cosigners == {"\udcff": NOW_S}
    with pytest.raises(QuorumNotMet) as caught:
        policy.check(_signed(W2))
    caught.value.message.encode()


@given(st.integers(0), st.integers(0, 7))
def test_a_note_with_one_bit_flipped_is_refused_or_means_the_same(
    place: int, bit: int
) -> None:
    data = bytearray(_signed(W1, W2, W4).encoded)
    data[place % len(data)] ^= 1 << bit
    try:
        verified = verify_tree_head_by_policy(bytes(data), TWO_OF_THREE)
    except AssentError:
        return
    assert verified.signed.head == HEAD
    assert len(verified.cosigners) >= 2


def test_the_policy_in_the_guide_is_one() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "translog.md").read_text()
    block = guide.split("\n```\nlog ")[1].split("\n```")[0]
    policy = parse_policy(f"log {block}\n".encode())
    assert [witness.name for witness in policy.witnesses] == ["KEN", "NOR", "URY"]
    assert not policy.quorum.is_met_by(["KEN"])
    assert policy.quorum.is_met_by(["KEN", "URY"])
