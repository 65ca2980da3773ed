#!/bin/sh
# A run is assessed, applied for, questioned, voted on by three of five states, permitted,
# logged and verified offline; a second application is refused with every reason.
#
#     sh examples/permit.sh out/permit
#
# Everybody is played by this script, on an agency for rehearsals: nothing binds anyone.
set -eu
folder=${1:?name a folder to work in}
here=$(dirname "$0")/applications
if [ -e "$folder" ] && [ ! -e "$folder/states/REHEARSAL" ] && [ ! -e "$folder/agency/states/REHEARSAL" ]; then
    echo "$folder holds something else; name another folder" >&2
    exit 1
fi
rm -rf "$folder"
mkdir -p "$folder"
agency=$folder/agency
officer="officer Adeyemi"

say() { printf '\n%s\n' "-- $*"; }

say "Five states found an agency; any three of them decide."
assent agency rehearse "$agency"

say "A developer asks first: the answer binds nobody, and travels into the application."
consultation=$(assent consult open "$agency" --as "Example Laboratory" \
    --developer "Example Laboratory" --title "A letter-by-letter model" \
    --question "We plan a run a little above the threshold. What would you ask?")
assent consult answer "$agency" "$consultation" --as "$officer" \
    "Where you stop to evaluate, and who guards the weights." >/dev/null

say "It applies. The officer asks; the agency's clock stands still until the answer."
today=$(date -u +%Y-%m-%d)
for application in practice-application practice-refused; do
    sed -e "s/^  not_before: .*/  not_before: '${today}T00:00:00Z'/" \
        -e "s/^    dated: .*/    dated: '$today'/" \
        "$here/$application.yaml" >"$folder/$application.yaml"
done
case=$(assent apply submit "$agency" "$folder/practice-application.yaml" \
    --as "Example Laboratory" --document "$here/risk-assessment.md")
assent review start "$agency" "$case" --as "$officer"
assent review request "$agency" "$case" at-night \
    "Who can stop the run at night?" --days 5 --as "$officer"
assent apply answer "$agency" "$case" at-night \
    "The shift leader; the telephone number is on the door." --as "Example Laboratory"

say "The officer judges the developer, the run and the safety case."
assent review practice "$agency" "$case" --file "$here/officers-answers.yaml" --as "$officer"
for claim in harmless weak; do
    assent review claim "$agency" "$case" "$claim" --accept \
        --reason "the evidence bears it" --as "$officer"
done
assent review weigh "$agency" "$case"
assent review propose "$agency" "$case" --out "$folder/proposal.json" --as "$officer"

say "Three states read the proposal in words and sign: their votes, and the very permit."
for state in AUS BRA CAN; do
    assent vote cast "$folder/proposal.json" --as "$state" --key "$agency/states/$state.key" \
        --choice approve --reason "small, contained, overseen" --out "$folder/$state.vote" \
        --root "$agency/root.json" --trust "$agency/trust" \
        --passphrase-file "$agency/states/passphrase" --yes 2>"$folder/$state.screen"
done
cat "$folder/AUS.screen"
assent vote record "$agency" "$case" "$folder/AUS.vote" "$folder/BRA.vote" "$folder/CAN.vote"

say "The decision is logged; only then there is a permit."
assent agency work "$agency"

say "Anybody verifies it offline, with nothing but the first root."
assent permit verify "$agency"/public/permits/permit-*.permit --root "$agency/root.json"

say "A second application is refused by rule, with every reason, and that is public too."
second=$(assent apply submit "$agency" "$folder/practice-refused.yaml" \
    --as "Example Laboratory" --document "$here/risk-assessment.md")
assent review start "$agency" "$second" --as "$officer"
assent review practice "$agency" "$second" pre_training_risk_assessment --status planned \
    --note "after the run" --as "$officer"
assent review refuse "$agency" "$second" --as "$officer"
assent agency work "$agency"
assent agency queue "$agency"
