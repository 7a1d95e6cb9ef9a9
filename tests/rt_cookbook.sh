#!/usr/bin/env bash
# Compiles and runs every program of docs/cookbook; each must end well and show both ways.
# usage: rt_cookbook.sh SOURCE_DIR
set -euo pipefail
root=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sources=("$root"/docs/cookbook/*.c)
[ ${#sources[@]} -ge 15 ] || { echo "rt_cookbook: only ${#sources[@]} programs" >&2; exit 1; }
for source in "$root"/runtime/src/*.c; do
  gcc -std=gnu11 -D_GNU_SOURCE -O2 -I"$root/runtime/include" -I"$root/runtime/src" -c "$source" -o "$work/$(basename "$source" .c).o"
done
status=0
for source in "${sources[@]}"; do
  name=$(basename "$source" .c)
  grep -q "($name\.c)" "$root/docs/cookbook/README.md" || { echo "rt_cookbook: README.md does not name $name.c" >&2; status=1; }
  gcc -std=gnu11 -D_GNU_SOURCE -O2 -Wall -Wextra -Wpedantic -Werror -I"$root/runtime/include" "$source" "$work"/*.o -pthread -o "$work/program"
  if ! "$work/program" >"$work/out" 2>&1 || ! grep -q 'before .*after ' "$work/out"; then
    echo "rt_cookbook: $name:" >&2
    cat "$work/out" >&2
    status=1
  fi
  sed "s/^/$name: /" "$work/out"
done
exit $status
