# For scripts/try and scripts/check: what they need of Debian 12, and how it is installed. Sourced, not run.
# Says nothing when all is there.

ullage_need() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  if ! command -v apt-get >/dev/null; then
    echo "ullage: these packages are missing and there is no apt-get to install them: ${missing[*]}" >&2
    return 1
  fi
  local as_root=()
  if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "ullage: run as root, or install these packages: ${missing[*]}" >&2
      return 1
    fi
    as_root=(sudo)
  fi
  echo "ullage: installing ${missing[*]}" >&2
  local log
  log=$(mktemp)
  if ! { "${as_root[@]}" apt-get -q update && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    echo "ullage: apt-get could not install ${missing[*]}" >&2
    return 1
  fi
  rm -f "$log"
}

# Runs a command and shows what it printed only when it fails.
ullage_quietly() {
  local log status=0
  log=$(mktemp)
  "$@" >"$log" 2>&1 || status=$?
  [ $status -eq 0 ] || { echo "ullage: failed: $*" >&2; cat "$log" >&2; }
  rm -f "$log"
  return $status
}

# A package of the npm registry, unpacked to build/npm/NAME: pinned, checked and kept. Without the registry its tests are skipped.
ullage_npm() {
  local name=$1 package=$2 digest=$3 folder=build/npm/$1 log=build/npm/$1.log
  [ -f "$folder/.$digest" ] && return 0
  mkdir -p build/npm
  rm -rf "$folder" "$folder.new"
  mkdir "$folder.new"
  if ! npm pack --silent --pack-destination "$folder.new" "$package" >"$log" 2>&1; then
    echo "ullage: SKIPPED the tests with $package: the npm registry does not give it (build/npm/$name.log)" >&2
    return 0
  fi
  if ! sha256sum "$folder.new"/*.tgz | grep -q "^$digest "; then
    echo "ullage: $package is not what it was when it was pinned" >&2
    return 1
  fi
  tar -xzf "$folder.new"/*.tgz -C "$folder.new" --strip-components=1
  rm "$folder.new"/*.tgz
  touch "$folder.new/.$digest"
  mv "$folder.new" "$folder"
}

ULLAGE_BUILD_PACKAGES=(gcc libc6-dev cmake ninja-build pkg-config libclang-14-dev libclang-common-14-dev libcjson-dev libyaml-dev uthash-dev scdoc)
# What try reads.
ULLAGE_SAMPLE_PACKAGES=(zlib1g-dev linux-libc-dev libcjson-dev)
# Peers and real libraries that tests hold the tool against.
ULLAGE_TEST_PACKAGES=(pre-commit abigail-tools python3-yaml libcmocka-dev clang-14 clang-format-14 libclang-rt-14-dev python3 python3-jsonschema musl-tools binutils git
  libjemalloc2 libtcmalloc-minimal4 libmimalloc2.0 golang-1.19-src zlib1g-dev libexpat1-dev libpcre2-dev libsqlite3-dev libncurses-dev libxml2-dev
  patch make chromium chromium-driver linux-perf)
# The runtime as a library: C++ for its headers, Valgrind's requests, another machine, gperftools' reader of heap profiles.
ULLAGE_TEST_PACKAGES+=(g++ valgrind gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user google-perftools)
# What bench/runtime/run measures the runtime against.
# shellcheck disable=SC2034
ULLAGE_BENCH_PACKAGES=(libjemalloc2 libtcmalloc-minimal4 libmimalloc2.0 libapr1-dev libtalloc-dev)
