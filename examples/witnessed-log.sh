#!/bin/sh
# A public log with three witnesses, two of which must have seen every tree head:
# an entry is appended, witnessed, and verified offline from its proof file.
#
#     sh examples/witnessed-log.sh out/witnessed-log
#
# The three witnesses are processes of their own, as member states would run them.
set -eu
folder=${1:?name a folder to work in}
if [ -e "$folder" ] && [ ! -e "$folder/witnesses" ]; then
    echo "$folder holds something else; name another folder" >&2
    exit 1
fi
rm -rf "$folder"
mkdir -p "$folder"
permit=$(dirname "$0")/llama-3.1-405b.yaml

# Each state makes a witness and gives its verifier key to the agency.
pids=
trap 'kill $pids 2>/dev/null || true' EXIT
for state in KEN NOR URY; do
    assent witness init "$folder/$state" --name "$state.example/witness" >"$folder/$state.key"
    assent witness run "$folder/$state" --listen 127.0.0.1:0 \
        >"$folder/$state.address" 2>"$folder/$state.messages" &
    pids="$pids $!"
done
for state in KEN NOR URY; do
    tries=0
    until [ -s "$folder/$state.address" ]; do
        tries=$((tries + 1))
        [ $tries -lt 300 ] || { cat "$folder/$state.messages" >&2; exit 1; }
        sleep 0.1
    done
    echo "witness $state $(cat "$folder/$state.key") $(sed 's/^witness at //' "$folder/$state.address")"
done >"$folder/witnesses"
cat >>"$folder/witnesses" <<POLICY
group states 2 KEN NOR URY
quorum states
POLICY

# The agency makes its log; the states' witnesses follow it from now on.
assent log init "$folder/log" --origin agency.example/log --witnesses "$folder/witnesses" \
    >"$folder/log.keys" 2>"$folder/log.messages"
for state in KEN NOR URY; do
    assent witness trust "$folder/$state" $(cat "$folder/log.keys") >>"$folder/log.messages"
done

# A decision becomes public: the entry is durable, published, and cosigned.
assent log append "$folder/log" --kind permit --subject permit-2026-0001 --party KEN \
    --developer "Example Labs" --metadata flop_permitted=40000000000000000000000000 \
    --document declaration="$permit" --proof "$folder/permit.tlog-proof" \
    >"$folder/permit.index"

# Anybody who holds the policy verifies it, with no connection to anything.
kill $pids
assent log verify "$folder/permit.tlog-proof" --policy "$folder/log/policy" --document "$permit"
