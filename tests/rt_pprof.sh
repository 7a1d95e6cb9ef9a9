#!/usr/bin/env bash
# The heap profile as gperftools' own reader sees it: the functions that got memory, and how much of it is live.
# usage: rt_pprof.sh SOURCE_DIR        exit status 77: google-pprof is missing
set -euo pipefail
root=$1
command -v google-pprof >/dev/null || { echo "rt_pprof: no google-pprof (package google-perftools)" >&2; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "rt_pprof: $*" >&2; cat "$work/out" >&2; exit 1; }
cat >"$work/program.c" <<'EOF'
#include <ullage/arena.h>
#include <ullage/pool.h>
#include <ullage/prof.h>
static __attribute__((noinline)) void *make_node(ul_pool *pool)
{
    void *node = ul_pool_get(pool);
    __asm__ volatile("" : "+r"(node));
    return node;
}
static __attribute__((noinline)) void *make_text(ul_arena *arena)
{
    void *text = ul_arena_take(arena, 1000, 8);
    __asm__ volatile("" : "+r"(text));
    return text;
}
int main(void)
{
    static void *nodes[20000];
    ul_pool pool;
    ul_arena arena;
    ul_prof_sample_every(4096);
    ul_pool_init(&pool, &(ul_pool_options){.name = "node", .size_bytes = 400});
    ul_arena_init_with(&arena, &(ul_arena_options){.name = "texts"});
    for (int i = 0; i < 20000; i++)
        nodes[i] = make_node(&pool);
    for (int i = 0; i < 10000; i++)
        ul_pool_put(&pool, nodes[i]);
    for (int i = 0; i < 8000; i++)
        (void)make_text(&arena);
    return ul_prof_write_heap(stdout) != UL_OK;
}
EOF
gcc -std=gnu11 -D_GNU_SOURCE -O1 -g -fno-omit-frame-pointer -I"$root/runtime/include" -I"$root/runtime/src" "$work/program.c" "$root"/runtime/src/*.c -pthread -o "$work/program"
"$work/program" >"$work/heap.prof"

# flat OPTION FUNCTION: the bytes that pprof charges the function with; 8,000,000 bytes are live of texts, 4,000,000 of 8,000,000 of nodes.
flat() {
  google-pprof --text "$1" "$work/program" "$work/heap.prof" >"$work/out" 2>"$work/log" || { cat "$work/log" >&2; fail "google-pprof $1"; }
  awk -v name="$2" '$NF == name { print int($1 * 1048576) }' "$work/out"
}
# near OPTION FUNCTION BYTES: a sample in 4096 bytes strays by little over so many.
near() {
  local got
  got=$(flat "$1" "$2")
  [ -n "$got" ] || fail "$2 is not in it"
  [ "$got" -gt $(($3 * 8 / 10)) ] && [ "$got" -lt $(($3 * 12 / 10)) ] || fail "$2 $1: $got bytes, not about $3"
}
near --inuse_space make_text 8000000
near --inuse_space make_node 4000000
near --alloc_space make_node 8000000
echo "rt_pprof: google-pprof names the functions and their bytes"
