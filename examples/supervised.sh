#!/bin/sh
# A small GPT trains on this machine's CPU under a permit: refused without one, admitted
# with it, stopped at an oversight point until an inspector reports, paused by a quorum
# within seconds, resumed bit for bit; a job that would overrun the permit is refused.
#
#     sh examples/supervised.sh out/supervised
#
# Everybody is played by this script, on an agency for rehearsals: nothing binds anyone.
set -eu
folder=${1:?name a folder to work in}
here=$(cd "$(dirname "$0")" && pwd)
if [ -e "$folder" ] && [ ! -e "$folder/agency/states/REHEARSAL" ]; then
    echo "$folder holds something else; name another folder" >&2
    exit 1
fi
rm -rf "$folder"
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
agency=$folder/agency gate=$folder/gate run=$folder/run
officer="officer Adeyemi"
# Sockets have short paths.
socket=$(mktemp -u "${TMPDIR:-/tmp}/assent-gate-XXXXXX")

say() { printf '\n%s\n' "-- $*"; }
quietly() { "$@" >>"$folder/script.log" 2>&1; }
trap 'kill $serving 2>/dev/null || true; rm -f "$socket"' EXIT
serving=

say "Five states found an agency; a permit is granted for a run on one CPU."
quietly assent agency rehearse "$agency"
today=$(date -u +%Y-%m-%d)
sed -e "s/^  not_before: .*/  not_before: '${today}T00:00:00Z'/" \
    -e "s/^    dated: .*/    dated: '$today'/" \
    -e "s/^    h100-sxm: '1'/    practice-cpu: '1'/" \
    -e "s/^  security_level: 1/  security_level: 1\n  oversight_points_flop: ['1e12']/" \
    "$here/applications/practice-application.yaml" >"$folder/application.yaml"
case=$(assent apply submit "$agency" "$folder/application.yaml" \
    --as "Example Laboratory" --document "$here/applications/risk-assessment.md" 2>>"$folder/script.log")
quietly assent review start "$agency" "$case" --as "$officer"
quietly assent review practice "$agency" "$case" --file "$here/applications/officers-answers.yaml" --as "$officer"
for claim in harmless weak; do
    quietly assent review claim "$agency" "$case" "$claim" --accept --reason "the evidence bears it" --as "$officer"
done
quietly assent review propose "$agency" "$case" --out "$folder/proposal.json" --flop 4e12 --as "$officer"
votes=
for state in AUS BRA CAN; do
    quietly assent vote cast "$folder/proposal.json" --as "$state" --key "$agency/states/$state.key" \
        --choice approve --reason "small, contained, overseen" --out "$folder/$state.vote" \
        --root "$agency/root.json" --trust "$agency/trust" \
        --passphrase-file "$agency/states/passphrase" --yes
    votes="$votes $folder/$state.vote"
done
# shellcheck disable=SC2086 # one word for each vote
quietly assent vote record "$agency" "$case" $votes
assent agency work "$agency"
permit=permit-$(date -u +%Y)-0001

say "A gate stands beside this machine's chip. It knows whose accounts there are."
quietly assent gate init "$gate" --site site-nairobi-1 --party KEN --rulebook practice --root "$agency/root.json"
sed -i -e 's/^grace_s: .*/grace_s: 2/' -e 's/^silence_s: .*/silence_s: 30/' \
    -e "s/^chips: .*/chips: [{id: practice-cpu, flop_per_s: 3e11, source: one core}]/" "$gate/gate.yaml"
cat >"$gate/owners.yaml" <<OWNERS
format: assent-owners/1
control: {share: 1/2, citation: this script}
owners:
- {id: labs, name: Example Laboratory, accounts: [labs], keys: ["3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29"]}
OWNERS
quietly assent gate fetch "$gate" "$agency/public" --trust "$agency/trust"
quietly assent pause gate --agency "$agency" gate-nairobi-1 --key "$(assent gate key "$gate")"
assent pause serve --agency "$agency" --listen 127.0.0.1:0 >"$folder/feed.log" 2>&1 &
serving=$!
while ! grep -q '^feed ' "$folder/feed.log"; do sleep 0.1; done
assent gate serve "$gate" --socket "$socket" --feed "$(sed -n 's/^feed //p' "$folder/feed.log")" --name gate-nairobi-1 >>"$folder/gate.log" 2>&1 &
serving="$serving $!"
while [ ! -S "$socket" ]; do sleep 0.1; done

train() { # job, FLOP at most, permit or nothing
    assent gate run "$gate" --socket "$socket" --job-id "$1" --account labs --time-limit 1h \
        --chips practice-cpu=1 --flop-max "$2" ${3:+--permit "$3"} -- \
        python "$here/train_small_gpt.py" --permit "$agency/public/permits/$permit.permit" --to "$run" --steps 75
}

say "Without a permit nothing starts."
train no-permit 1e15 && exit 1

say "With it the job starts, and stops at the oversight point."
train first 1e12 "$permit" || [ $? = 75 ]

say "It does not go on before an inspector reports: the lease ends at the point."
train too-soon 2.5e12 "$permit" && exit 1
assent oversight show "$agency" "$permit"
echo "harmless in every way that was tried" >"$folder/evaluation.log"
assent oversight report "$agency" "$permit" --inspector inspector-1 --key "$agency/states/inspector-1.key" \
    --passphrase-file "$agency/states/passphrase" --checkpoint "$run/checkpoint.pt" \
    --evidence "$folder/evaluation.log" --words "Harmless." --out "$folder/report" --yes 2>>"$folder/script.log"
assent oversight file "$agency" "$folder/report" --as inspector-1
quietly assent agency work "$agency"
quietly assent gate fetch "$gate" "$agency/public" --trust "$agency/trust"

say "It goes on; three states press pause while it trains."
train second 2e12 "$permit" >"$folder/second.log" 2>&1 &
training=$!
quietly assent pause draft --agency "$agency" --scope run=practice-nano --reason "An incident elsewhere." --out "$folder/order"
for state in AUS BRA CAN; do
    quietly assent pause sign "$folder/order" --key "$agency/states/$state.key" --passphrase-file "$agency/states/passphrase" \
        --root "$agency/root.json" --trust "$agency/trust" --out "$folder/order.$state" --yes
done
assent pause issue --agency "$agency" "$folder/order.AUS" "$folder/order.BRA" "$folder/order.CAN"
wait $training || [ $? = 75 ]
cat "$folder/second.log"
train while-paused 2.5e12 "$permit" && exit 1
quietly assent agency work "$agency"
assent pause status --agency "$agency"

say "A resume order, in public, lets it go on: from the very same weights."
quietly assent pause resume --agency "$agency" --ends 1 --reason "It was contained." --out "$folder/resume"
for state in AUS BRA CAN; do
    quietly assent pause sign "$folder/resume" --key "$agency/states/$state.key" --passphrase-file "$agency/states/passphrase" \
        --root "$agency/root.json" --trust "$agency/trust" --out "$folder/resume.$state" --yes
done
quietly assent pause issue --agency "$agency" "$folder/resume.AUS" "$folder/resume.BRA" "$folder/resume.CAN"
quietly assent agency work "$agency"
sleep 2
train third 9.5e11 "$permit" || [ $? = 75 ]

say "A second job that would overrun the permit is refused. The books and the log show it all."
train overrun 3.9e12 "$permit" && exit 1
assent gate status "$gate" --socket "$socket"
assent agency check "$agency"
