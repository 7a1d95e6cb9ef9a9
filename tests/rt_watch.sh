#!/usr/bin/env bash
# What watches memory sees into pools and arenas, also where the library was built without it: AddressSanitizer in the
# program only, Valgrind with the plain program; and the twin, with nothing else.
# usage: rt_watch.sh SOURCE_DIR
set -euo pipefail
root=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "rt_watch: $*" >&2; cat "$work/out" >&2; exit 1; }
flags="-std=gnu11 -D_GNU_SOURCE -g -O1 -Wno-stringop-overflow -I$root/runtime/include -I$root/runtime/src"
for source in "$root"/runtime/src/*.c; do
  # shellcheck disable=SC2086
  gcc $flags -c "$source" -o "$work/$(basename "$source" .c).o"
done
# shellcheck disable=SC2086
gcc $flags "$root/tests/rt_watch/wrong.c" "$work"/*.o -pthread -o "$work/plain"
# shellcheck disable=SC2086
gcc $flags -fsanitize=address "$root/tests/rt_watch/wrong.c" "$work"/*.o -pthread -o "$work/asan"
# shellcheck disable=SC2086
gcc $flags -DUL_DEBUG "$root/tests/rt_watch/wrong.c" "$work"/*.o -pthread -o "$work/debug"

# run NAME STATUS PATTERN COMMAND...: the command must end so ("bad": anything but 0), and say so.
run() {
  local name=$1 want=$2 pattern=$3 status=0
  shift 3
  "$@" >"$work/out" 2>&1 || status=$?
  case $want in
    0) [ $status -eq 0 ] || fail "$name: status $status" ;;
    *) [ $status -ne 0 ] || fail "$name was not seen" ;;
  esac
  [ -z "$pattern" ] || grep -qE "$pattern" "$work/out" || fail "$name: no '$pattern'"
}

run "asan none" 0 "" "$work/asan" none
for mistake in arena-overflow pool-overflow buffer-after-put pool-after-put shared-after-put arena-after-reset; do
  run "asan $mistake" bad "use-after-poison|heap-use-after-free|heap-buffer-overflow" "$work/asan" $mistake
done
run "asan double-put" bad "double put: object .* of 'watched'" "$work/asan" double-put
run "twin none" 0 "" "$work/debug" none
run "twin double-put" bad "double put: object .* of 'watched', 40 bytes; got at .*wrong\.c:[0-9]+, put at .*wrong\.c:[0-9]+, noticed at .*wrong\.c:[0-9]+" "$work/debug" double-put
run "twin pool-overflow" bad "overflow: .* got at .*wrong\.c" "$work/debug" pool-overflow
run "twin arena-overflow" bad "overflow: .* got at .*wrong\.c" "$work/debug" arena-overflow
run "environment" bad "double put: .*got at plain\+0x[0-9a-f]+, put at plain\+0x" env UL_DEBUG=twin "$work/plain" double-put
if command -v valgrind >/dev/null; then
  valgrind="valgrind -q --error-exitcode=9 --leak-check=full"
  # shellcheck disable=SC2086
  run "valgrind none" 0 "" $valgrind "$work/plain" none
  for mistake in arena-overflow pool-overflow buffer-after-put pool-after-put shared-after-put arena-after-reset not-written; do
    # shellcheck disable=SC2086
    run "valgrind $mistake" bad "Invalid (read|write)|uninitialised" $valgrind "$work/plain" $mistake
  done
else
  echo "rt_watch: no valgrind: skipped" >&2
fi
echo "rt_watch: every mistake was seen"
