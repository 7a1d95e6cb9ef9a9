#!/usr/bin/env bash
# A profile made here, fed in: builds a program of tests/profiles/ with debug information, records it with perf's cpu-clock event, and has check
# and show judge its source with it: slots.c, where two threads share a line, or, where perf dies of that, dt.c, which walks over objects. Where
# this perf cannot record, or knows no data types (Debian's 6.1 does not), the output of perf 7.2 for fs.c in that folder is used instead. The
# last line says which it was. Usage: profile_real.sh ULLAGE SOURCE_DIR; ULLAGE_PERF names another perf.
set -euo pipefail
ullage=$1
samples=$2/tests/profiles
perf=${ULLAGE_PERF:-perf}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp "$samples"/{fs,slots,dt}.c "$folder"
cd "$folder"

# make_profile SOURCE RECORD FLAGS: what was made is profile.csv; on failure the reason is printed.
make_profile() {
  local version status=0
  command -v "$perf" >/dev/null || { echo "there is no perf: apt-get install linux-perf"; return 1; }
  version=$("$perf" --version)
  # shellcheck disable=SC2086 # several flags
  cc $3 -pthread "$1" -o program
  "$perf" record -q -e cpu-clock -o perf.data ./program >/dev/null 2>record.log || { echo "$version cannot record here: $(tail -n 1 record.log)"; return 1; }
  { "$perf" report --stdio -i perf.data -t , -s pid,type,typeoff,sym -F overhead,period,sample,pid,type,typeoff,sym >profile.csv 2>report.log; } 2>/dev/null || status=$?
  if grep -q "key: .type'" report.log; then
    echo "$version recorded with cpu-clock, but knows no data types"
    return 1
  fi
  if [ $status != 0 ] || ! grep -q "struct $2 +" profile.csv; then
    echo "$version found no types: perf report exits with $status"
    return 1
  fi
}

if reason=$(make_profile slots.c slot "-O2 -g"); then
  used="a profile made here by $("$perf" --version)" source=slots.c record=slot field='done' rule=array-false-sharing words='2 threads'
elif reason=$(make_profile dt.c conn "-O2 -gdwarf-4"); then
  used="a profile of dt.c made here by $("$perf" --version)" source=dt.c record=conn field=flags rule=hot-cold words="of the record's samples"
else
  cp "$samples/report-type-typeoff-csv.txt" profile.csv
  used="the sample of perf 7.2: $reason" source=fs.c record=worker_slot field=ops rule=array-false-sharing words='2 threads'
fi

status=0
COLUMNS=100 "$ullage" check --profile profile.csv "$source" -- -pthread >report.txt 2>errors.txt || status=$?
cat report.txt
[ $status = 1 ] || { cat errors.txt; echo "profile_real: check exits with $status, not 1"; exit 1; }
grep -q "^$source:.*: warning: .*struct $record.*\[$rule\]$" report.txt || { echo "profile_real: the finding did not become a warning"; exit 1; }
tr '\n' ' ' <report.txt | tr -s ' ' | grep -q "$words" || { echo "profile_real: the report has no '$words'"; exit 1; }
"$ullage" show --struct $record --profile profile.csv "$source" -- -pthread >show.txt 2>/dev/null
grep -Eq "^ +$field +[0-9.]+%" show.txt || { cat show.txt; echo "profile_real: show has no share for \`$field\`"; exit 1; }
# Without the profile it is a note.
"$ullage" check "$source" -- -pthread >plain.txt 2>/dev/null
grep -q "^$source:.*: note: .*$rule" plain.txt || { cat plain.txt; echo "profile_real: no note without the profile"; exit 1; }
echo "profile_real: used $used"
