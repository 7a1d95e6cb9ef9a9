#!/usr/bin/env bash
# The runtime as a library: built and installed by itself, its headers alone in two languages and two compilers, its
# symbols, and a small outside project through pkg-config and CMake, also after the installed tree moved.
# usage: rt_install.sh SOURCE_DIR
set -euo pipefail
root=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "rt_install: $*" >&2; exit 1; }
quietly() { "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "$*"; }; }

quietly cmake -S "$root/runtime" -B "$work/build" -G Ninja -DCMAKE_INSTALL_PREFIX="$work/first" -DCMAKE_C_FLAGS="-Wall -Wextra -Wpedantic -Werror"
quietly cmake --build "$work/build"
quietly cmake --install "$work/build"
mv "$work/first" "$work/moved" # nothing in it may know where it was
prefix=$work/moved
libdir=$(dirname "$(find "$prefix" -name 'libullage_rt.a')")

warnings="-Wall -Wextra -Wpedantic -Wshadow -Werror -fsyntax-only"
for header in "$prefix"/include/ullage/*.h; do
  for debug in "" -DUL_DEBUG; do
    for compiler in "gcc -x c -std=c11" "clang-14 -x c -std=c11" "g++ -x c++ -std=c++17" "clang++-14 -x c++ -std=c++17"; do
      command -v "${compiler%% *}" >/dev/null || { echo "rt_install: no ${compiler%% *}: skipped" >&2; continue; }
      echo "#include \"$header\"" >"$work/alone.c"
      # shellcheck disable=SC2086
      $compiler $warnings $debug -I"$prefix/include" "$work/alone.c" || fail "$header: $compiler $debug"
    done
  done
done

exported=$(nm -D --defined-only --with-symbol-versions "$libdir/libullage_rt.so" | awk '$2 != "A" { print $3 }')
[ -n "$exported" ] || fail "the shared library exports nothing"
grep -vE '^ul_[a-z_]+@@ULLAGE_RT_[0-9.]+$' <<<"$exported" && fail "exported without ul_ or without a version"
grep -E '^ul_(slabs|sys|twin|watch|process|settings|threads|samples|site|source)' <<<"$exported" && fail "private, and exported"
for header in "$prefix"/include/ullage/*.h; do # every function that a header declares is there
  for name in $(grep -oE '^UL_API [^;{=]*\(' "$header" | grep -oE 'ul_[a-z0-9_]+ *\($' | tr -d ' ('); do
    grep -qx "$name@@ULLAGE_RT_[0-9.]*" <<<"$exported" || fail "$(basename "$header"): $name is not exported"
  done
done
readelf -d "$libdir/libullage_rt.so" | grep -q 'SONAME.*libullage_rt\.so\.[0-9]*\]' || fail "no SONAME"
readelf -d "$libdir/libullage_rt.so" | grep NEEDED | grep -vE 'libc\.|libpthread|libdl|ld-linux' && fail "it needs more than libc"

export PKG_CONFIG_PATH=$libdir/pkgconfig
flags=$(pkg-config --cflags --libs ullage_rt)
# shellcheck disable=SC2086
gcc -std=c11 -pedantic -Wall -Wextra -Werror -O2 "$root/tests/rt_outside/outside.c" $flags -pthread -o "$work/shared" || fail "pkg-config"
LD_LIBRARY_PATH=$libdir "$work/shared" >/dev/null || fail "the program with the shared library"
# shellcheck disable=SC2046
gcc -std=c11 -O2 "$root/tests/rt_outside/outside.c" $(pkg-config --cflags ullage_rt) "$libdir/libullage_rt.a" -pthread -o "$work/static" || fail "static"
"$work/static" >/dev/null || fail "the program with the static library"
for compiler in "gcc -std=c11" "clang-14 -std=c11" "g++ -x c++ -std=c++17" "clang++-14 -x c++ -std=c++17"; do # used in a main file
  command -v "${compiler%% *}" >/dev/null || continue
  for debug in "" -DUL_DEBUG; do
    # shellcheck disable=SC2046,SC2086
    $compiler $debug -pedantic -Wall -Wextra -Wshadow -Werror -O2 -c "$root/tests/rt_outside/outside.c" $(pkg-config --cflags ullage_rt) -o "$work/used.o" || fail "$compiler $debug: outside.c"
  done
done
# A library of its own that uses the inline paths: thread-local storage from position-independent code.
# shellcheck disable=SC2086
gcc -std=c11 -fPIC -shared -Dmain=outside_main -O2 "$root/tests/rt_outside/outside.c" $flags -pthread -o "$work/libplug.so" || fail "in a shared library"
printf 'int outside_main(void); int main(void) { return outside_main(); }\n' >"$work/main.c"
gcc "$work/main.c" -L"$work" -lplug -L"$libdir" -lullage_rt -o "$work/plugged" && LD_LIBRARY_PATH=$libdir:$work "$work/plugged" >/dev/null || fail "from a shared library"

quietly cmake -S "$root/tests/rt_outside" -B "$work/outside" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_BUILD_TYPE=Release
quietly cmake --build "$work/outside"
for program in "$work"/outside/outside_*; do
  [ -x "$program" ] && [ -f "$program" ] && { "$program" >/dev/null || fail "$program"; }
done
if [ -f "$prefix/share/man/man3/ullage_rt.3" ] && command -v man >/dev/null; then
  man -l "$prefix/share/man/man3/ullage_rt.3" >/dev/null || fail "the manual page"
fi
echo "rt_install: $(wc -l <<<"$exported") symbols, every header alone in C11 and C++17, outside project by pkg-config and CMake"
