#!/usr/bin/env bash
# The suites of the runtime on another machine: built with its cross compiler, run under qemu.
# usage: rt_cross.sh SOURCE_DIR [MACHINE]        exit status 77: the compiler or qemu is missing
set -euo pipefail
root=$1 machine=${2:-aarch64}
compiler=$machine-linux-gnu-gcc
emulator=$(command -v "qemu-$machine" || command -v "qemu-$machine-static" || true)
if ! command -v "$compiler" >/dev/null || [ -z "$emulator" ]; then
  echo "rt_cross: no $compiler or no qemu-$machine" >&2
  exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export UL_TEST_STEPS=20000
mkdir "$work/uthash"
ln -s "$(dirname "$(echo '#include <uthash.h>' | gcc -M -x c - | grep -oE '/[^ ]*/uthash\.h')")"/uthash.h "$work/uthash/"
objects=()
for source in "$root"/runtime/src/*.c; do
  object=$work/$(basename "$source" .c).o
  "$compiler" -std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Werror -I"$root/runtime/include" -I"$root/runtime/src" -I"$work/uthash" -c "$source" -o "$object"
  objects+=("$object")
done
for suite in arena rt_arena rt_pool rt_pool_memory rt_faults rt_shared_pool rt_text rt_stream rt_cache rt_limits rt_models rt_failures; do
  "$compiler" -std=gnu17 -D_GNU_SOURCE -O1 -g -I"$root/tests/rt_cmocka" -I"$root" -I"$root/runtime/include" \
    "$root/tests/test_$suite.c" "${objects[@]}" -static -pthread -ldl -o "$work/$suite" 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
  echo "$machine $suite: $("$emulator" "$work/$suite" | tail -1)"
done
