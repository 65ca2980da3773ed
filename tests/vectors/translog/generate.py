"""Make the vector files of this folder again.

    python -m tests.vectors.translog.generate

Run it from the root of the repository. It reads `ml_dsa_44.json`, whose signatures are
used again as long as they verify, and writes every `.json` file here; nothing changes
where no case changed.
"""

import base64
import json
import sys
from pathlib import Path
from typing import Any

from tests.vectors.translog.cases import (
    checkpoint_cases,
    cosignature_cases,
    key_cases,
    note_cases,
    policy_cases,
    proof_cases,
    witness_cases,
)
from tests.vectors.translog.parties import KEPT, REFERRED, SECRETS

FOLDER = Path(__file__).parent
SPECIFICATION = {
    "note": "signed-note",
    "key": "signed-note",
    "checkpoint": "tlog-checkpoint",
    "cosignature": "tlog-cosignature",
    "policy": "tlog-policy",
    "proof": "tlog-proof",
    "witness": "tlog-witness",
}
CASES = {
    "note": note_cases.cases,
    "key": key_cases.cases,
    "checkpoint": checkpoint_cases.cases,
    "cosignature": cosignature_cases.cases,
    "policy": policy_cases.cases,
    "proof": proof_cases.cases,
    "witness": witness_cases.cases,
}


def files() -> dict[str, str]:
    """Return the text of every vector file by its name."""
    texts = {f"{name}.json": _cases(name) for name in CASES}
    kept = [
        {
            "public_key": public_key,
            "message": message,
            "signature": base64.b64encode(signature).decode("ascii"),
        }
        for (public_key, message), signature in sorted(KEPT.used.items())
    ]
    texts["ml_dsa_44.json"] = _text(
        {
            "specification": "https://csrc.nist.gov/pubs/fips/204/final",
            "licence": "Apache-2.0",
            "signatures": kept,
        }
    )
    return texts


def _cases(name: str) -> str:
    cases = CASES[name]()
    written = json.dumps(cases)
    keys = {ref: key for ref, key in REFERRED.items() if json.dumps(ref) in written}
    secrets = SECRETS if name == "witness" else {}
    return _text(
        {
            "specification": f"https://c2sp.org/{SPECIFICATION[name]}",
            "licence": "Apache-2.0",
            **({"keys": keys} if keys else {}),
            **({"signing_keys": secrets} if secrets else {}),
            "cases": cases,
        }
    )


def _text(value: Any) -> str:  # noqa: ANN401 - JSON
    return json.dumps(value, indent=1, ensure_ascii=True) + "\n"


def main() -> None:
    for name, text in files().items():
        (FOLDER / name).write_text(text, "ascii")
        sys.stdout.write(f"{name}: {len(text):,} bytes\n")


if __name__ == "__main__":
    main()
