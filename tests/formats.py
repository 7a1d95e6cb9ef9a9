"""
Every format held against something that is not ullage: schemas, git, patch, a reader that undoes the escapes, GitHub's rules for SARIF. Run by
ctest: formats.py ULLAGE SOURCE_DIR. What a tool is missing for is printed as SKIPPED, with the cure.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ULLAGE, SOURCE = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
# Our own, what the registry's packages bring, and the reference beside a checkout.
SCHEMAS = [SOURCE / "tests" / "schemas", SOURCE / "build" / "npm" / "sarif-multitool", SOURCE.parent / "shared" / "schemas"]
FLAGS = ["--", "-std=gnu17"]

PLAIN = """#include <stdbool.h>
#include <stdint.h>

struct timer {
    bool is_armed;
    uint64_t deadline_ns;
    uint16_t slot;
};

struct conn {
    uint64_t id;
    bool is_open; /* set once */
    void *peer;
    uint32_t fd;
    uint16_t port;
    double rate;
    char name[13];
    int refs;
};

// ullage: ignore[reorder-saves] -- wire format
struct frame {
    uint16_t kind;
    uint64_t at;
    uint32_t length;
};
"""
ONE = "struct s%d {\n%schar a%d;\n%slong b;\n%schar c;\n%slong d;\n};\n"


def one(number, indent="    "):
    return ONE % (number, indent, number, indent, indent, indent)


def sources():
    """File names and contents that formats get wrong: spaces, percent signs, other encodings, other line ends, no last newline."""
    many = "".join("struct note%d { char n%d; long b; char c; short d; };\n" % (i, i) for i in range(12))
    many += "".join("struct warn%d { char w%d; long b; char c; char d[40]; long e; char f; };\n" % (i, i) for i in range(13))
    return {
        "include/plain.h": PLAIN.encode(),
        "include/a b%20c,d:e.h": one(1).encode(),
        "include/m\u00fcller-\U0001d11e.h": ("/* \u00e9 \U0001d11e */ " + one(2)).encode(),
        "include/latin.h": b"struct s3 {\n    char a3; /* caf\xe9 */\n    long b;\n    char c; /* \xff */\n    long d;\n};\n",
        "include/crlf.h": one(4, "\t").replace("\n", "\r\n").encode(),
        "include/last.h": one(5).rstrip("\n").encode(),
        "include/one_line.h": b"struct s6 { char a6; long b; char c; long d; };",
        "include/odd.h": "/* <b>|`@team` [x](y) ::error::no */\nstruct h\u00e4sslich {\n    char a7;\n    long b; /* ``` </pre> */\n    char c;\n    long d;\n};\n".encode(),
        "many/many.h": many.encode(),
    }


class Failures(list):
    def check(self, good, *words):
        if not good:
            self.append(" ".join(str(word) for word in words)[:1500])


bad = Failures()


def run(place, *arguments, status=(0, 1)):
    done = subprocess.run([ULLAGE, *arguments], cwd=place, capture_output=True, env={**os.environ, "LC_ALL": "C"})
    bad.check(done.returncode in status, arguments, "exits with", done.returncode, done.stderr.decode("utf-8", "replace"))
    return done.stdout


def report(place, kind, *paths):
    return run(place, "check", "-q", "--format", kind, *(paths or ["include", "many"]), *FLAGS)


def git(place, *arguments, text=None):
    names = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(["git", "-c", "core.autocrlf=false", *arguments], cwd=place, input=text, capture_output=True, env=names)
    return done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace")


def make(place):
    for name, contents in sources().items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(contents)
    bad.check(git(place, "init", "-q")[0] == 0, "git init")


def validate(schema, document, what, is_needed=True):
    path = next((folder / schema for folder in SCHEMAS if (folder / schema).is_file()), None)
    try:
        import jsonschema
    except ImportError:
        print(f"formats: SKIPPED {what} by {schema}: apt-get install python3-jsonschema")
        return
    if not path:
        if is_needed:
            print(f"formats: SKIPPED {what} by {schema}: scripts/check fetches it from the npm registry")
        return
    found = json.loads(path.read_text())
    for error in list(jsonschema.validators.validator_for(found)(found).iter_errors(document))[:5]:
        bad.check(False, what, "/".join(map(str, error.absolute_path)), error.message)


def line_of(place, uri, line):
    """A line of a file without its end, as text; what is not UTF-8 is one character a byte."""
    from urllib.parse import unquote
    text = (place / unquote(uri)).read_bytes().split(b"\n")[line - 1].rstrip(b"\r")
    return text.decode("utf-8", "surrogateescape")


def units(text):
    return sum(2 if ord(c) > 0xFFFF else 1 for c in text)


def cut(text, begin, end):
    """Columns of UTF-16 code units from 1, the end exclusive."""
    wide = "".join(c if ord(c) <= 0xFFFF else c + "\0" for c in text)
    return wide[begin - 1:end - 1].replace("\0", "")


def spliced(contents, first, last, text):
    """contents with lines first..last replaced by text, the end of the last one kept."""
    lines = contents.split(b"\n")
    end = b"\r" if lines[last - 1].endswith(b"\r") else b""
    return b"\n".join(lines[:first - 1] + [text + end] + lines[last:])


def sarif(place):
    document = json.loads(report(place, "sarif"))
    validate("sarif-2.1.0.json", document, "sarif")
    validate("schemastore.sarif-2.1.0.json", document, "sarif", is_needed=False)
    run_ = document["runs"][0]
    bad.check(document["version"] == "2.1.0" and document["$schema"] and len(document["runs"]) == 1, "head")
    bad.check(run_["tool"]["driver"]["name"] == "ullage" and run_["automationDetails"]["id"].endswith("/"), "driver")
    rules = run_["tool"]["driver"]["rules"]
    for rule in rules:
        bad.check(rule["id"] and rule["shortDescription"]["text"] and rule["help"]["text"], "rule", rule["id"])
        bad.check(0 < len(rule["fullDescription"]["text"]) <= 1024, "fullDescription", rule["id"])
        bad.check(rule["properties"]["precision"] and rule["properties"]["problem.severity"] in ("error", "warning", "recommendation"), rule["id"])
    prints, silenced, fixed = set(), 0, 0
    for result in run_["results"]:
        place_ = result["locations"][0]["physicalLocation"]
        uri, region = place_["artifactLocation"]["uri"], place_["region"]
        bad.check(re.fullmatch(r"[A-Za-z0-9._~/%-]+", uri) and not uri.startswith("/"), "uri", uri)
        bad.check(region["startLine"] == region["endLine"] and region["startColumn"] < region["endColumn"], "region", region)
        bad.check(result["message"]["text"] and result["level"] in ("note", "warning", "error"), "message", result)
        bad.check(rules[result["ruleIndex"]]["id"] == result["ruleId"], "ruleIndex")
        prints.add(result["partialFingerprints"]["primaryLocationLineHash"])
        bad.check(result["partialFingerprints"]["ullageStruct/v1"], "ullageStruct/v1")
        tag = result["properties"]["record"].split()[-1]
        bad.check(cut(line_of(place, uri, region["startLine"]), region["startColumn"], region["endColumn"]) == tag, "columns", uri, region, tag)
        silenced += bool(result["suppressions"])
        for fix in result.get("fixes", []):
            fixed += sarif_fix(place, uri, fix)
    bad.check(len(prints) == len(run_["results"]), "fingerprints are told apart")
    bad.check(silenced == 1 and fixed >= 30, "silenced", silenced, "fixed", fixed)
    multitool(place, document)
    return document


def sarif_fix(place, uri, fix):
    """A fix is one replacement of whole lines, and there is something in it."""
    from urllib.parse import unquote
    bad.check(fix["description"]["text"] and len(fix["artifactChanges"]) == 1, "fix", fix)
    change = fix["artifactChanges"][0]
    bad.check(change["artifactLocation"]["uri"] == uri and len(change["replacements"]) == 1, "change", change)
    replacement = change["replacements"][0]
    region, text = replacement["deletedRegion"], replacement["insertedContent"]["text"]
    last = line_of(place, uri, region["endLine"])
    bad.check(region["startColumn"] == 1 and region["endColumn"] == units(last) + 1 and text, "deletedRegion", region, last)
    old = (place / unquote(uri)).read_bytes()
    new = spliced(old, region["startLine"], region["endLine"], text.encode())
    bad.check(new != old and sorted(new) == sorted(old) or "one_line" in uri, "fix of", uri, new)
    return 1


def multitool(place, document):
    tool = SOURCE / "build" / "npm" / "sarif-multitool" / "Sarif.Multitool"
    if not tool.exists():
        print("formats: SKIPPED SARIF by GitHub's rules: build/npm has no sarif-multitool: scripts/check fetches it from the npm registry")
        return
    tool.chmod(0o755)
    (place / "x.sarif").write_text(json.dumps(document))
    done = subprocess.run([tool, "validate", "x.sarif", "--rule-kind", "Sarif;Ghas", "--level", "Error;Warning", "-o", "verdict.sarif", "--log", "ForceOverwrite"],
                          cwd=place, capture_output=True, text=True, env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"})
    if not (place / "verdict.sarif").exists():
        bad.check(False, "multitool", done.stdout, done.stderr)
        return
    verdict = json.loads((place / "verdict.sarif").read_text(encoding="utf-8-sig"))["runs"][0]
    # SARIF2005 asks for an address of the tool, and there is none.
    wrong = [r for r in verdict.get("results", []) if r.get("level", "warning") in ("error", "warning") and r["ruleId"] != "SARIF2005"]
    bad.check(not wrong, "multitool", [(r["ruleId"], r["message"]) for r in wrong[:3]])
    bad.check(verdict["invocations"][0]["executionSuccessful"], "multitool did not run to its end")
    # It bites: the same document with an empty list of locations is an error.
    document = json.loads(json.dumps(document))
    document["runs"][0]["results"][0]["locations"] = []
    (place / "y.sarif").write_text(json.dumps(document))
    subprocess.run([tool, "validate", "y.sarif", "--rule-kind", "Sarif;Ghas", "--level", "Error", "-o", "verdict.sarif", "--log", "ForceOverwrite"],
                   cwd=place, capture_output=True, env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"})
    verdict = json.loads((place / "verdict.sarif").read_text(encoding="utf-8-sig"))["runs"][0]
    bad.check(any(r["ruleId"].startswith("GH") for r in verdict["results"]), "the multitool let an empty location through")


def rdjson(place):
    text = report(place, "rdjson")
    document = json.loads(text)
    validate("rdjson.schema.json", document, "rdjson")
    validate("rdf.DiagnosticResult.json", document, "rdjson", is_needed=False)
    bad.check(set(document) == {"source", "diagnostics"} and document["source"]["name"] == "ullage", "rdjson head")
    edits = {}
    for item in document["diagnostics"]:
        bad.check(item["severity"] in ("ERROR", "WARNING", "INFO") and item["message"] and item["code"]["value"], "diagnostic", item)
        path, start = item["location"]["path"], item["location"]["range"]["start"]
        line = (place / path).read_bytes().split(b"\n")[start["line"] - 1]
        bad.check(re.match(rb"[\w\x80-\xff]", line[start["column"] - 1:]), "column in bytes", path, start, line)
        bad.check("suggestions" not in item or len(item["suggestions"]) == 1, "suggestions", item)
        for suggestion in item.get("suggestions", []):
            first, last = suggestion["range"]["start"], suggestion["range"]["end"]
            bad.check(set(first) == {"line"} and set(last) == {"line"} and first["line"] <= last["line"], "linewise", suggestion)
            bad.check(not suggestion["text"].endswith("\n") and not suggestion["text"].endswith("\r"), "last newline", suggestion)
            old = (place / path).read_bytes().replace(b"\r", b"").split(b"\n")[first["line"] - 1:last["line"]]
            new = suggestion["text"].encode().replace(b"\r", b"").split(b"\n")
            bad.check(old[0] != new[0] and old[-1] != new[-1], "fewest lines", suggestion, old)
            edits.setdefault(path, []).append((first["line"], last["line"], suggestion["text"].encode()))
    bad.check("include/latin.h" not in edits and "include/plain.h" in edits, "what is not UTF-8 has no suggestion", sorted(edits))
    return {path: apply_all((place / path).read_bytes(), all_) for path, all_ in edits.items()}


def apply_all(contents, edits):
    for first, last, text in sorted(edits, reverse=True):
        contents = spliced(contents, first, last, text)
    return contents


def gitlab(place):
    entries = json.loads(report(place, "gitlab"))
    validate("gitlab-code-quality.schema.json", entries, "gitlab")
    for entry in entries:
        bad.check(set(entry) == {"description", "check_name", "fingerprint", "severity", "location"}, entry)
        bad.check(entry["severity"] in ("info", "minor", "major", "critical", "blocker") and entry["location"]["lines"]["begin"] >= 1, entry)
        bad.check(not entry["location"]["path"].startswith((".", "/")), entry)
    prints = [entry["fingerprint"] for entry in entries]
    bad.check(len(set(prints)) == len(prints) and len(prints) > 30, "fingerprints collapse")
    bad.check(json.loads(report(place, "gitlab", "include/none.h")) == [], "an empty report is []")
    path = place / "include" / "plain.h"
    kept = path.read_bytes()
    path.write_bytes(b"\n\n\n" + kept)
    moved = [entry["fingerprint"] for entry in json.loads(report(place, "gitlab"))]
    path.write_bytes(kept)
    bad.check(moved == prints, "fingerprints change when lines move")


def unescape(text, is_property):
    for code, char in (("%0D", "\r"), ("%0A", "\n"), *((("%3A", ":"), ("%2C", ",")) if is_property else ())):
        text = text.replace(code, char)
    return text.replace("%25", "%")


def github(place):
    text = report(place, "github").decode()
    kinds, paths, last = {}, set(), 0
    for line in text.splitlines():
        if not line.startswith("::"):
            bad.check(line.startswith("- "), "a line that could be a command", line)
            continue
        command = re.fullmatch(r"::(notice|warning|error) ((?:[^:,]*)(?:,[^:,]*)*)::(.*)", line)
        bad.check(command, "no command", line)
        rank = ("error", "warning", "notice").index(command[1])
        bad.check(rank >= last, "the worst first", line)
        last = rank
        kinds[command[1]] = kinds.get(command[1], 0) + 1
        properties = dict(part.split("=", 1) for part in command[2].split(","))
        if "file" in properties:
            paths.add(unescape(properties["file"], True))
    bad.check(kinds == {"warning": 10, "notice": 10}, "10 of a kind", kinds)
    bad.check(all((place / path).is_file() for path in paths), "paths", paths)
    total = len(json.loads(report(place, "gitlab")))
    notice = [line for line in text.splitlines() if "are not annotated" in line]
    bad.check(len(notice) == 1 and f"{total - 19} of {total} findings" in notice[0], "the cut is told", notice, total)
    bad.check(text.count("\n- ") == total - 19, "all are in the log")
    odd = report(place, "github", "include/a b%20c,d:e.h").decode()
    bad.check("file=include/a b%2520c%2Cd%3Ae.h," in odd, "escapes", odd)


def diff(place, suggested):
    """The patch applies, alone and by another tool, keeps every byte but for the order, and leaves nothing to report."""
    patch = report(place, "diff")
    (place / "all.patch").write_bytes(patch)
    before = {name: (place / name).read_bytes() for name in sources()}
    status, words = git(place, "apply", "--check", "-p1", "all.patch")
    bad.check(status == 0, "git apply --check", words)
    if shutil.which("patch"):
        copy = place / "copy"
        for name, contents in before.items():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_bytes(contents)
        # patch of 2.7 takes no names in quotes with bytes beyond ASCII out of octal escapes in the C locale.
        done = subprocess.run(["patch", "-p1", "--binary", "-s", "-i", "../all.patch"], cwd=copy, capture_output=True, text=True)
        bad.check(done.returncode == 0, "patch", done.stdout, done.stderr)
    git(place, "apply", "-p1", "all.patch")
    after = {name: (place / name).read_bytes() for name in sources()}
    for name, contents in after.items():
        bad.check(sorted(contents.split()) == sorted(before[name].split()) or name in ("include/one_line.h", "many/many.h"), "tokens of", name)
        if shutil.which("patch"):
            bad.check((place / "copy" / name).read_bytes() == contents, "patch and git disagree about", name)
        if name in suggested:
            bad.check(suggested[name] == contents, "suggestions and diff disagree about", name, suggested[name], contents)
    bad.check(after["include/crlf.h"].count(b"\r\n") == before["include/crlf.h"].count(b"\r\n"), "CRLF")
    bad.check(not after["include/last.h"].endswith(b"\n") and b"\xe9" in after["include/latin.h"], "bytes are kept")
    left = json.loads(report(place, "json"))["findings"]
    # Declarations on one line whose comment belongs to none of them are not touched.
    bad.check(not [f for f in left if f["rule"] == "reorder-saves"], "left after the patch", [(f["record"], f["file"]) for f in left])
    bad.check(report(place, "diff") == b"", "a patch of nothing")


def markdown(place):
    text = report(place, "markdown").decode()
    bad.check(len(text) <= 65536 and text.startswith("### ullage"), "length", len(text))
    outside, fence = [], None
    for line in text.splitlines():
        mark = re.match(r"`{3,}", line)
        if mark and not fence:
            fence = mark[0]
        elif fence and line == fence:
            fence = None
        elif not fence:
            outside.append(line)
    bad.check(not fence, "a fence stays open")
    bare = re.sub(r"`[^`]*`", "", "\n".join(outside))
    bad.check("<b>" not in bare and "@team" not in bare and "[x](y)" not in bare, "not escaped", bare[:300])
    bad.check(text.count("<details>") == text.count("</details>"), "details")
    huge = "".join("struct wide%d {\n char a%d;\n long b;\n char c;\n long d;\n char e;\n};\n" % (i, i) for i in range(900))
    (place / "huge.h").write_text(huge)
    text = report(place, "markdown", "huge.h").decode()
    cut_ = re.search(r"(\d+) rows and (\d+) records with maps are left out", text)
    rows, details = text.count("\n| **yes** | ") + text.count("\n| no | "), text.count("<details>")
    bad.check(len(text.encode()) <= 65536 and cut_, "the cut", len(text))
    bad.check(int(cut_[1]) + rows == 900 and int(cut_[2]) + details == 900, "counts", cut_[0], rows, details)
    shown = run(place, "show", "-q", "--format", "markdown", "include/plain.h", *FLAGS).decode()
    bad.check(shown.count("<details>") == 3, "show has every record")
    (place / "huge.h").unlink()


def refusals(place):
    for kind in ("sarif", "rdjson", "gitlab", "github", "diff"):
        done = subprocess.run([ULLAGE, "show", "--format", kind, "include/plain.h"], cwd=place, capture_output=True, text=True)
        bad.check(done.returncode == 2 and f"'{kind}' is for the findings of 'check'" in done.stderr, "show", kind, done.stderr)
    for kind in ("concise", "sarif", "rdjson", "gitlab", "github", "markdown", "html"):
        done = subprocess.run([ULLAGE, "fix", "--check", "--format", kind, "include/plain.h"], cwd=place, capture_output=True, text=True)
        bad.check(done.returncode == 2 and "'fix' takes text, json or diff" in done.stderr, "fix", kind, done.stderr)


def same_bytes(place):
    """Whatever the number of workers and the order of the paths."""
    for kind in ("sarif", "rdjson", "gitlab", "github", "markdown", "html", "diff"):
        first = run(place, "check", "-q", "-j1", "--format", kind, "include", "many", *FLAGS)
        second = run(place, "check", "-q", "-j3", "--format", kind, "many", "include/plain.h", "include", *FLAGS)
        bad.check(first == second and first, "not the same bytes", kind)


def names(place):
    """Names of files that mean something to a format, or that are no text."""
    odd = [b"new\nline.h", b'quo"te.h', b"-dash.h", b"\xff.h", b"tab\t.h", b"back\\slash.h", b"::error::x.h", b"a'b$(x)`y`.h", b"<script>.h", b"||.h", b"%0A.h"]
    folder = place / "odd"
    folder.mkdir()
    for number, name in enumerate(odd):
        with open(os.fsencode(folder) + b"/" + name, "w", encoding="ascii") as file:
            file.write("struct q%d { char a%d; long b; char c; };\n" % (number, number))
    document = json.loads(report(place, "sarif", "odd"))
    validate("sarif-2.1.0.json", document, "sarif of odd names")
    from urllib.parse import unquote_to_bytes
    uris = [unquote_to_bytes(r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]) for r in document["runs"][0]["results"]]
    bad.check(sorted(uris) == sorted(b"odd/" + name for name in odd), "uris", uris)
    readable = sorted("odd/" + name.decode("utf-8", "replace") for name in odd)
    bad.check(sorted(e["location"]["path"] for e in json.loads(report(place, "gitlab", "odd"))) == readable, "paths for gitlab")
    bad.check(sorted(d["location"]["path"] for d in json.loads(report(place, "rdjson", "odd"))["diagnostics"]) == readable, "paths for rdjson")
    lines = report(place, "github", "odd").decode().splitlines()
    bad.check(all(line.startswith(("::notice ", "- ")) for line in lines) and len(lines) == len(odd) + 1, "github with odd names", lines)
    bad.check("<script>" not in re.sub(r"`+[^`]*`+|^```.*?^```$", "", report(place, "markdown", "odd").decode(), flags=re.S | re.M), "markdown with odd names")
    bad.check(report(place, "html", "odd").decode().count("<script>") == 1, "html with odd names")
    status, words = git(place, "apply", "--check", "-p1", text=report(place, "diff", "odd"))
    bad.check(status == 0, "git apply with odd names", words)
    shutil.rmtree(folder)


def evidence(place):
    """What code depends on is not offered as a patch, by any format, and each says why."""
    (place / "used.c").write_text("struct placed { char a; long b; char c; } placed = {1, 2, 3};\nstruct named { char d; long e; char f; } named = {.d = 1, .f = 2};\n")
    patch = report(place, "diff", "used.c").decode()
    bad.check("struct named { char d; char f; long e; }" in patch and "-struct placed" not in patch, "diff with an initializer", patch)
    items = {r["properties"]["record"]: r for r in json.loads(report(place, "sarif", "used.c"))["runs"][0]["results"]}
    bad.check("fixes" in items["struct named"] and "fixes" not in items["struct placed"], "sarif with an initializer", items)
    items = json.loads(report(place, "rdjson", "used.c"))["diagnostics"]
    bad.check(["suggestions" in item for item in items] == [False, True] and "no suggestion: positional-initializer" in items[0]["message"], "rdjson", items)
    for kind in ("markdown", "html"):
        text = report(place, kind, "used.c").decode()
        bad.check(text.count("+struct named") + text.count("+struct placed") == 1 and "No patch" in text and "used.c:1" in text, kind, "with an initializer", text)
    (place / "used.c").unlink()


def errors(place):
    """Input that cannot be read is in the report, and the report is whole."""
    (place / "broken.h").write_text("#include \"gone.h\"\nstruct b { char a; long b; char c; };\nstruct {{{\n")
    document = json.loads(run(place, "check", "-q", "--format", "sarif", "broken.h", *FLAGS, status=(2,)))
    invocation = document["runs"][0]["invocations"][0]
    bad.check(not invocation["executionSuccessful"] and invocation["toolExecutionNotifications"], "sarif of broken input", invocation)
    text = run(place, "check", "-q", "--format", "github", "broken.h", *FLAGS, status=(2,)).decode()
    bad.check("::error file=broken.h,line=1" in text, "github of broken input", text)
    text = run(place, "check", "-q", "--format", "markdown", "broken.h", *FLAGS, status=(2,)).decode()
    bad.check("part of the input could not be read" in text, "markdown of broken input", text)


def main():
    with tempfile.TemporaryDirectory(prefix="ullage-formats-") as folder:
        place = pathlib.Path(folder) / "work tree"
        place.mkdir()
        make(place)
        (place / "include" / "none.h").write_text("struct tight { long a; };\n")
        sarif(place)
        suggested = rdjson(place)
        gitlab(place)
        github(place)
        markdown(place)
        refusals(place)
        same_bytes(place)
        names(place)
        evidence(place)
        errors(place)
        (place / "broken.h").unlink()
        diff(place, suggested)
    for failure in bad:
        print("formats:", failure)
    print(f"formats: {len(bad)} failures")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
