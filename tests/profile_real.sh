#!/usr/bin/env bash
# A profile made here, fed in: builds tests/profiles/slots.c with debug information, records it with perf's cpu-clock event, and has check and show
# judge the source with it. Where this perf cannot record, or knows no data types (Debian's 6.1 does not), the output of perf 7.2 for fs.c in
# that folder is used instead; the last line says which it was. Usage: profile_real.sh ULLAGE SOURCE_DIR; ULLAGE_PERF names another perf.
set -euo pipefail
ullage=$1
samples=$2/tests/profiles
perf=${ULLAGE_PERF:-perf}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

# What was made is profile.csv; on failure the reason is printed.
make_profile() {
  local version status=0
  command -v "$perf" >/dev/null || { echo "there is no perf: apt-get install linux-perf"; return 1; }
  version=$("$perf" --version)
  cc -O2 -g -pthread slots.c -o slots
  "$perf" record -q -e cpu-clock -o perf.data ./slots >/dev/null 2>record.log || { echo "$version cannot record here: $(tail -n 1 record.log)"; return 1; }
  { "$perf" report --stdio -i perf.data -t , -s pid,type,typeoff,sym -F overhead,period,sample,pid,type,typeoff,sym >profile.csv 2>report.log; } 2>/dev/null || status=$?
  if grep -q "key: .type'" report.log; then
    echo "$version recorded with cpu-clock, but knows no data types"
    return 1
  fi
  [ $status = 0 ] && grep -q 'struct slot +' profile.csv || { echo "$version found no types: perf report exits with $status"; return 1; }
}

cp "$samples/fs.c" "$samples/slots.c" .
if reason=$(make_profile); then
  used="a profile made here by $("$perf" --version)"
  source=slots.c record=slot field=done
else
  cp "$samples/report-type-typeoff-csv.txt" profile.csv
  used="the sample of perf 7.2: $reason"
  source=fs.c record=worker_slot field=ops
fi

status=0
"$ullage" check --profile profile.csv "$source" -- -pthread >report.txt 2>errors.txt || status=$?
cat report.txt
[ $status = 1 ] || { cat errors.txt; echo "profile_real: check exits with $status, not 1"; exit 1; }
grep -q "^$source:.*: warning: .*struct $record.*\[array-false-sharing\]$" report.txt || { echo "profile_real: the finding did not become a warning"; exit 1; }
grep -q '2 threads' report.txt || { echo "profile_real: the two threads were not seen"; exit 1; }
"$ullage" show --struct $record --profile profile.csv "$source" -- -pthread >show.txt 2>/dev/null
grep -Eq "^ +$field +[0-9.]+%" show.txt || { cat show.txt; echo "profile_real: show has no share for \`$field\`"; exit 1; }
# Without the profile it is a note.
"$ullage" check "$source" -- -pthread >plain.txt 2>/dev/null
grep -q "^$source:.*: note: .*array-false-sharing" plain.txt || { cat plain.txt; echo "profile_real: no note without the profile"; exit 1; }
echo "profile_real: used $used"
