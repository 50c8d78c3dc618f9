#!/usr/bin/env bash
# Plants faults, one at a time, each of which must turn the engine's tests red.
#
# Run it anywhere in a clean checkout: planted.sh [PATTERN]. It prints caught or missed per fault and fails if one is missed.
# HISTORIES sets how many histories are drawn for each.
set -u
cd "$(dirname "$0")" || exit 2
if ! git diff --quiet -- src; then
    echo "src has changes that are not committed" >&2
    exit 2
fi
trap 'git checkout -q -- src' EXIT
export HISTORIES=${HISTORIES:-10000} RUST_BACKTRACE=0
export CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=2
missed=0
count=0

# plant NAME FILE OLD NEW: OLD stands exactly once in FILE.
plant() {
    local name=$1 file=src/$2 old=$3 new=$4
    [[ $name == *"$pattern"* ]] || return 0
    count=$((count + 1))
    if ! OLD=$old NEW=$new perl -0pi -e '$n = s/\Q$ENV{OLD}\E/$ENV{NEW}/; END { exit($n == 1 ? 0 : 1) }' "$file"; then
        echo "missed  $name: $file does not hold: $old"
        missed=$((missed + 1))
        return 0
    fi
    local log
    log=$(mktemp)
    if ! cargo test -p e2etls-engine --release --tests --no-run >"$log" 2>&1; then
        echo "missed  $name: it does not compile"
        grep -m 3 '^error' "$log"
        missed=$((missed + 1))
    elif cargo test -p e2etls-engine --release --tests --no-fail-fast >"$log" 2>&1; then
        echo "missed  $name"
        missed=$((missed + 1))
    else
        echo "caught  $name: $(grep -E '^test .*FAILED$' "$log" | cut -d' ' -f2 | tr '\n' ' ')"
        grep -E '^violations of .*: [1-9]' "$log" | cut -d' ' -f3,4 | sed 's/^/          /'
    fi
    rm -f "$log"
    git checkout -q -- src
}

pattern=${1:-}

plant "a foreign object under our name is written over" table.rs \
    "Kept::No | Kept::Differs => Action::Refuse(Why::Foreign)" "Kept::No | Kept::Differs => Action::Write"
plant "an update does not look whether a controller would write over something foreign" survey/facts.rs \
    "Role::Follow(maker) => would_overwrite" "Role::Follow(maker) if desired.creates => would_overwrite"
plant "what a new maker makes goes with the old maker" remove/removal.rs \
    "group.retain(|one| !one.follows || !self.spoken_for.contains(&one.reference()));" "group.retain(|_| true);"
plant "the holder of the mark is removed first" remove/removal.rs \
    "let last = one.is_marked() || made_for_marked.contains(&one.reference());" "let last = !one.is_marked();"
plant "a create bears no mark" write/stamp.rs \
    "creating: self.mark.clone().filter(|_| self.holder == Some(index))," "creating: None,"
plant "the holder is stamped first" write/stamp.rs \
    "creating: self.mark.clone().filter(|_| self.holder == Some(index))," \
    "creating: self.mark.clone().filter(|_| self.holder == Some(index) && self.survey.marked.is_none()),"
plant "a replacement that fails forgets what it replaces" write/record.rs \
    "outcome.ledger.insert(address, old);" "drop((address, old));"
plant "a failed operation forgets what it had" write/mod.rs \
    "ledger: desired.ledger.clone()," "ledger: Ledger::new(),"
plant "a destroy works on state and rendered parts only" remove/mod.rs \
    "doomed.extend(found.into_iter().map(|object| Doomed::seen(*kind, object)));" "drop(found);"
plant "a destroy works on rendered parts and the owner's objects only" remove/mod.rs \
    "doomed.extend(Doomed::of_entry(op, address, entry));" "let _ = (address, entry);"
plant "what is being deleted is taken for alive" ownership.rs \
    "match (&object.deleting, living) {" "match (&None::<String>, living) {"
plant "a write whose answer was lost is sent again" table.rs \
    "            _ => Reaction::LookAgain,
        }," "            _ => Reaction::RetryBriefly,
        },"
plant "strays of another instance are counted" observe/rest.rs \
    "Ownership::Mine | Ownership::Marked => {" "Ownership::Mine | Ownership::Marked | Ownership::Elsewhere => {"
plant "what was never seen to work is forgotten by a refresh" observe/prove.rs \
    "entry.digest = Some(UNPROVEN.to_owned());" "entry.digest = part.digest();"
plant "an apply does not wait for what it has written" write/level.rs \
    "part.ready.is_some()" "part.ready.is_none()"
plant "stripped marks are no drift" observe/judge.rs \
    "whose != Ownership::Imported
            && part.role" "whose == Ownership::Imported
            && part.role"
plant "leftovers takes what a create took over" leftovers.rs \
    "mark.covers(marks.instance.as_deref()) && marks.taken_from.is_none()" "mark.covers(marks.instance.as_deref())"
plant "what existed before is deleted" remove/one.rs \
    "made: one.made && !adopted && !lived_in," "made: true,"
plant "the delete leg of a tainted replacement spares everything unfinished" remove/mod.rs \
    "may_stay(&one) && is_covered(one, &mark)" "is_covered(one, &mark)"
plant "a space is deleted with what others have put into it" remove/one.rs \
    'Ok(held.unwrap_or_else(|| vec!["objects that could not be listed".to_owned()]))' "Ok(held.map(|_| Vec::new()).unwrap_or_default())"
plant "what another instance has adopted keeps its old digest" write/record.rs \
    "entry.digest = part.digest();" "entry.digest.take();"
plant "a request may outlast the operation" operation/mod.rs \
    "timeout_at(self.deadline, request)" "timeout_at(self.deadline + BRIEFLY, request)"
plant "a kind that is not served ends the finishing of a create" table.rs \
    " | (Request::Search, _) => {" " => {"

echo "$count planted, $missed missed"
[[ $missed -eq 0 ]]
