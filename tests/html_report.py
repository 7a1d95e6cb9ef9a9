"""
The HTML report in Debian's chromium: it sorts, filters, opens, copies; without scripts it is whole; nothing of a source becomes markup; no message
on the console; nothing is fetched. Run by ctest: html_report.py ULLAGE; with --pictures FOLDER it leaves pictures to look at.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import browser

ULLAGE = os.path.abspath(sys.argv[1])
PICTURES = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 and sys.argv[2] == "--pictures" else None
SKIPPED = 77

CONN = """#include <stdbool.h>
#include <stdint.h>

// ullage: instances(1e6)
struct conn {
    uint64_t id;
    bool is_open; /* set once </pre><script>window.hacked = 1</script> */
    void *peer;
    uint32_t fd;
    uint16_t port;
    double rate;
    char name[13];
    int refs;
};

struct timer {
    bool is_armed;
    uint64_t deadline_ns;
    uint16_t slot;
};

struct big {
    char first;
    char buffer[1000];
    long at;
    char last;
    long end;
};

union word {
    uint32_t whole;
    uint8_t bytes[4];
};

// ullage: ignore[reorder-saves] -- wire format
struct frame {
    uint16_t kind;
    uint64_t at;
    uint32_t length;
};

struct packed_up { // ullage: keep-order -- <img src=x onerror="window.hacked = 1">
    char kind;
    int length;
};

struct tight {
    long a, b;
};

struct flags {
    unsigned a : 3;
    unsigned b : 7;
    struct { char tag; int value; };
};
"""
SERVER = """#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct tight { long a, b; };
struct job { uint32_t deps[8]; uint32_t state, priority, owner; };
struct key { uint16_t port; uint32_t address; };
struct counter { _Alignas(64) _Atomic long value; };
struct slow { char a; long b; char c; };
static _Alignas(64) int pending[16];
struct counter *make(void) { return malloc(sizeof(struct counter)); }
int same(const struct key *a, const struct key *b) { return memcmp(a, b, sizeof *a) == 0; }
static void *count(void *number) { for (;;) pending[(long)number]++; }
int main(void) { pthread_t thread; pthread_create(&thread, 0, count, 0); pthread_create(&thread, 0, count, 0); return pthread_join(thread, 0); }
"""
LATIN = b"struct latin {\n    char a; /* caf\xe9 */\n    long b;\n    char c;\n};\n"
failures = []


def check(good, *words):
    if not good:
        failures.append(" ".join(str(word) for word in words)[:1200])


def run(place, *arguments):
    done = subprocess.run([ULLAGE, *arguments, "--", "-std=gnu17"], cwd=place, capture_output=True)
    check(done.returncode in (0, 1), arguments, done.returncode, done.stderr.decode())
    return done.stdout


def make(place):
    (place / ".git").mkdir()
    (place / "include").mkdir()
    (place / "src & <b>x").mkdir()
    (place / "include" / "conn.h").write_text(CONN)
    (place / "src & <b>x" / "latin.h").write_bytes(LATIN)
    many = "".join("struct note%d { char n%d; long b; char c; short d; };\nstruct tight%d { long t%d; int u; int v; };\n" % ((i,) * 4) for i in range(1000))
    for index in range(20):
        (place / "many" / f"d{index % 5}").mkdir(parents=True, exist_ok=True)
        lines = many.splitlines(True)[index * 100:(index + 1) * 100]
        (place / "many" / f"d{index % 5}" / f"h{index}.h").write_text("".join(lines))
    (place / "report.html").write_bytes(run(place, "check", "-q", "--format", "html", "include", "src & <b>x"))
    (place / "many.html").write_bytes(run(place, "check", "-q", "--format", "html", "many"))
    (place / "server").mkdir()
    (place / "server" / "server.c").write_text(SERVER)
    (place / "server.html").write_bytes(run(place, "check", "-q", "--format", "html", "server"))
    (place / "show.html").write_bytes(run(place, "show", "-q", "--format", "html", "include"))
    return json.loads(run(place, "check", "-q", "--format", "json", "include", "src & <b>x"))


def picture(page, name, whole=True):
    if PICTURES:
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.picture(PICTURES / f"{name}.png", whole)


def visible(page, selector):
    return page.run("return [...document.querySelectorAll(arguments[0])].filter(e => e.checkVisibility()).length", selector)


def names(page):
    return page.run("return [...document.querySelectorAll('tbody')].filter(b => !b.hidden).map(b => b.querySelector('.name').textContent)")


def structure(page, report):
    page.open_file("report.html")
    check(page.run("return document.querySelector('h1').textContent").startswith("2 of 10 records would take a smaller heap block"), "h1", page.run("return document.querySelector('h1').textContent"))
    check(page.run("return document.querySelectorAll('.numbers > div').length") == 3, "three numbers")
    check(sorted(names(page)) == sorted(r["name"] for r in report["records"] ), "records", names(page))
    check(not page.run("return performance.getEntriesByType('resource').map(e => e.name)"), "something was fetched")
    check(page.run("return window.hacked") is None and visible(page, "img") == 0, "markup out of a source")
    check(page.run("const ids = [...document.querySelectorAll('[id]')].map(e => e.id); return ids.length === new Set(ids).size"), "ids")
    check(page.run("return [...document.querySelectorAll('input, button, svg[role], section')].filter(e => e.checkVisibility()).every(e => "
                   "(e.labels && e.labels.length) || e.ariaLabel || e.getAttribute('aria-labelledby') || e.textContent.trim())"), "something has no name")
    for landmark in ("header", "main", "form[role=search]"):
        check(page.run("return document.querySelectorAll(arguments[0]).length", landmark) == 1, landmark)
    check(page.run("return document.querySelectorAll('script[src], link[rel=stylesheet], [src], [style]').length") == 0, "references")


def sorting(page, report):
    sizes = {r["name"]: r["size_bytes"] for r in report["records"]}
    for column, want in (("size", lambda n: sizes[n]), ("name", lambda n: n)):
        page.click(f"th[data-key={column}] button")
        first = [want(n) for n in names(page)]
        page.click(f"th[data-key={column}] button")
        second = [want(n) for n in names(page)]
        check(first in (sorted(first), sorted(first, reverse=True)) and second in (sorted(first), sorted(first, reverse=True)) and first != second, "sorted by", column, first, second)
        check(page.run("return document.querySelector('[aria-sort]').dataset.key") == column, "aria-sort")
    page.click("th[data-key=kind] button")
    kinds = page.run("return [...document.querySelectorAll('tbody')].map(b => b.dataset.kind)")
    order = ["crosses", "smaller", "silenced", "refused", "best"]
    check([order.index(k) for k in kinds] in (sorted(order.index(k) for k in kinds), sorted((order.index(k) for k in kinds), reverse=True)), "by verdict", kinds)


def filtering(page):
    page.type("#filter", "TIMER conn.h")
    check(names(page) == ["struct timer"], "filtered", names(page))
    check(page.run("return document.querySelector('#count').textContent") == "1 of 10 records", "count")
    page.type("#filter", " nothing")
    check(names(page) == [] and visible(page, ".none") == 1, "no match")
    page.click("#reset")
    check(len(names(page)) == 10 and visible(page, ".none") == 0, "reset")
    page.click("input[value=best]")
    check(all(n != "struct tight" for n in names(page)) and len(names(page)) < 10, "by kind", names(page))
    page.click("input[value=best]")
    page.run("document.querySelector('.tree a[data-file=\"include/conn.h\"]').focus()")
    page.press("\ue007")
    check(len(names(page)) == 9 and page.run("return document.activeElement.id") == "filter", "treemap", names(page))
    page.press("\ue00c")
    check(len(names(page)) == 10, "escape", names(page))


ROW = "[...document.querySelectorAll('tbody')].find(b => b.querySelector('.name').textContent === arguments[0])"


def opening(page):
    for name in ("struct conn", "struct timer", "struct big", "union word", "struct flags", "struct packed_up", "struct frame", "struct latin"):
        page.run(f"{ROW}.querySelector('.name').focus()", name)
        page.press("\ue007")
        check(page.run(f"const b = {ROW}; return b.classList.contains('open') && b.querySelector('.map').checkVisibility() && b.querySelector('.name').ariaExpanded === 'true'", name), "open", name)
        check(page.run(f"return {ROW}.querySelector('.map').getAttribute('aria-label')", name).startswith(name + ":"), "label of", name)
    check(page.run(f"return {ROW}.querySelectorAll('.map .j').length", "struct conn") == 2, "joins")
    check(page.run(f"return [...{ROW}.querySelectorAll('.map .v text')].map(t => t.textContent[0]).join('')", "struct conn") == "ABAB", "letters",
          page.run(f"return [...{ROW}.querySelectorAll('.map .v text')].map(t => t.textContent[0]).join('')", "struct conn"))
    check("more rows of buffer" in page.run(f"return {ROW}.querySelector('.map').textContent", "struct big"), "long fields are folded")
    check(page.run(f"return {ROW}.querySelectorAll('.map .h title').length", "struct conn") == 4, "holes have words")
    check(page.run(f"const b = {ROW}; return [...b.querySelectorAll('.map g')].every(g => g.querySelector('title'))", "struct conn"), "every part has words")
    check(page.run("return window.hacked") is None and visible(page, "img") == 0, "markup out of a source")
    check(page.run(f"return {ROW}.querySelector('.copy')", "struct latin") is None, "a patch in another encoding is not to be copied")
    check("</pre><script>" in page.run(f"return {ROW}.querySelector('.patch pre').textContent", "struct conn"), "the patch is shown as it is")
    check(page.run(f"return {ROW}.querySelector('.path').textContent", "struct latin") == "src & <b>x/latin.h:1", "path")
    picture(page, "light")
    page.scheme("dark")
    picture(page, "dark")


def contrast(page, *more):
    """WCAG 2: 4.5 to 1 for text, 3 to 1 for the edges of what moves and of holes."""
    script = """
        const out = [], paint = (e, p) => getComputedStyle(e)[p];
        const channel = v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
        const light = c => { const [r, g, b] = c.match(/[\\d.]+/g).map(Number).map(channel); return .2126 * r + .7152 * g + .0722 * b };
        const under = e => { for (; e; e = e.parentElement) { const c = paint(e, 'backgroundColor'); if (!/, 0\\)$|transparent/.test(c)) return c } return paint(document.body, 'backgroundColor') };
        const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + .05) / (y + .05) };
        for (const s of ['h1', '.meta', '.brand', '.numbers span', '.hint', '.path', 'thead button', '.k span', '.caution', 'pre ins', 'pre del', '.legend p', 'output', '.finding .rule', 'summary', ...arguments])
            for (const e of document.querySelectorAll(s)) if (e.checkVisibility()) { out.push([s, ratio(paint(e, 'color'), under(e)), 4.5]); break }
        for (const [t, r] of [['.f', 'fill'], ['.v', 'fill']]) { const g = document.querySelector('.more .map ' + t);
            out.push(['text in ' + t, ratio(paint(g.querySelector('text'), 'fill'), paint(g.querySelector('rect'), r)), 4.5]) }
        for (const t of ['.v', '.h']) { const g = document.querySelector('.more .map ' + t); out.push(['edge of ' + t, ratio(paint(g.querySelector('rect'), 'stroke'), under(g.closest('td'))), 3]) }
        return out"""
    for scheme in ("light", "dark"):
        page.scheme(scheme)
        found = page.run(script, *more)
        check(len(found) >= 18 + len(more), "contrast", len(found))
        for what, ratio, least in found:
            check(ratio >= least, scheme, what, f"has a contrast of {ratio:.2f}, {least} is needed")
    page.scheme("light")


def besides(page):
    """What is not about the order has a column of its own, by which rows are sorted and found."""
    page.open_file("server.html")
    check(names(page) == ["struct slow", "struct counter", "struct key", "struct tight", "struct job"], "an error stands in front of what is fine", names(page))
    check(page.run("return [...document.querySelectorAll('tbody')].map(b => b.querySelector('.o').textContent.trim())") ==
          ["", "error false-sharing", "warning padding-exposed", "", "note size-class-waste"], "other findings")
    check(page.run("return [...document.querySelectorAll('.numbers > div')].pop().textContent") == "other findings" "4" "1 error, 2 warnings, 1 note", "their number",
          page.run("return [...document.querySelectorAll('.numbers > div')].pop().textContent"))
    page.click("th[data-key=find] button")
    check(names(page)[:3] == ["struct counter", "struct key", "struct job"], "sorted by other findings", names(page))
    page.type("#filter", "padding-exposed")
    check(names(page) == ["struct key"], "found by its rule", names(page))
    page.click("#filter")
    page.press("\ue00c")
    page.run(f"{ROW}.querySelector('.name').click()", "struct slow")
    picture(page, "besides")
    contrast(page, ".o span", ".o .error b", ".o .warning b", ".o .note b")
    page.size(420, 800)
    check(page.run("return document.documentElement.scrollWidth") <= 420, "wider than a phone", page.run("return document.documentElement.scrollWidth"))
    check(page.run("return [...document.querySelectorAll('.row th')].every(e => e.clientWidth > 180)"), "names have room")
    picture(page, "besides-narrow", False)
    page.size(1280, 900)


def copying(page, place):
    page.devtools("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
    page.run(f"{ROW}.querySelector('.copy').click()", "struct conn")
    text = page.run_async("navigator.clipboard.readText().then(arguments[0], e => arguments[0]('error ' + e))")
    (place / "copied.patch").write_text(text)
    names_ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(["git", "apply", "--check", "-p1", "copied.patch"], cwd=place, capture_output=True, text=True, env=names_)
    check(done.returncode == 0 and text.startswith("--- a/include/conn.h\n"), "the copied patch", text[:200], done.stderr)


def without_scripts(page, report):
    page.devtools("Emulation.setScriptExecutionDisabled", value=True)
    page.open_file("report.html")
    page.size(1280, 900)
    found = page.devtools("Runtime.evaluate", returnByValue=True, expression="""({
        maps: document.querySelectorAll('td details figure svg').length, shown: [...document.querySelectorAll('.more > td summary')].filter(e => e.checkVisibility()).length,
        controls: document.querySelector('.controls').checkVisibility(), patches: document.querySelectorAll('.patch pre').length,
        copies: [...document.querySelectorAll('.copy')].filter(e => e.checkVisibility()).length, hacked: window.hacked})""")["result"]["value"]
    count = len(report["records"])
    check(found == {"maps": count, "shown": count, "controls": False, "patches": 4, "copies": 0}, "without scripts", found)
    picture(page, "no-scripts")
    page.devtools("Emulation.setScriptExecutionDisabled", value=False)


def on_paper(page):
    page.open_file("report.html")
    page.scheme("light", "print")
    check(visible(page, ".controls") == 0 and visible(page, "h1") == 1, "controls on paper")
    page.run("dispatchEvent(new Event('beforeprint'))")
    check(page.run("return document.querySelectorAll('.open').length") == 4, "what crosses is open on paper")
    picture(page, "print")
    page.run("dispatchEvent(new Event('afterprint'))")
    check(page.run("return document.querySelectorAll('.open').length") == 0, "and closed afterwards")
    if PICTURES:
        page.pdf(PICTURES / "print.pdf")
    page.scheme("light")


def git(place, *arguments):
    names_ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@t", *arguments], cwd=place, check=True, capture_output=True, env=names_)


def comparison(page, place):
    """`ullage diff --format html`: the old layout above the new one, a letter for what is new or moved."""
    folder = place / "compared"
    folder.mkdir()
    git(folder, "init", "-q")
    (folder / "a.h").write_text("struct grows { long a; long b; long c; };\nstruct gone { int x; };\nstruct kept { int y; };\nstruct moves { char c; long d; char e; };\n")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "one")
    (folder / "a.h").write_text("struct grows { long a; char flag; long b; long c; };\nstruct kept { int y; };\nstruct moves { char c; char e; long d; };\nstruct fresh { int <z; };\n".replace("<", ""))
    (place / "diff.html").write_bytes(run(folder, "diff", "-q", "--format", "html"))
    page.open_file("diff.html")
    check(page.run("return document.querySelector('h1').textContent") == "Between HEAD and the work tree, struct grows got worse in a way that fails.", "h1 of diff")
    check(names(page) == ["struct grows", "struct gone", "struct moves", "struct fresh"] or names(page)[0] == "struct grows" and len(names(page)) == 4, "changes", names(page))
    for name, letters, joins in (("struct grows", "A", 0), ("struct moves", "AA", 1), ("struct gone", "", 0), ("struct fresh", "", 0)):
        page.run(f"{ROW}.querySelector('.name').click()", name)
        found = page.run(f"const b = {ROW}; return [[...b.querySelectorAll('.map .v text')].map(t => t.textContent[0]).join(''), b.querySelectorAll('.map .j').length]", name)
        check(found == [letters, joins], "marks of", name, found)
    check("flag (char) is new at 8" in page.run(f"return {ROW}.querySelector('.words').textContent", "struct grows"), "words of a change")
    page.click("th[data-key=gain] button")
    check(names(page)[0] == "struct grows" and names(page)[-1] == "struct moves", "sorted by growth", names(page))
    picture(page, "diff")


def many(page):
    page.open_file("many.html")
    check(page.run("return document.querySelectorAll('tbody').length") == 2000, "2,000 records")
    first, loaded = page.run("const n = performance.getEntriesByType('navigation')[0]; return [n.domContentLoadedEventEnd, n.loadEventEnd]")
    elements = page.run("return document.getElementsByTagName('*').length")
    check(elements < 45000, "elements", elements)
    took = page.run("const t = performance.now(); document.querySelector('th[data-key=size] button').click(); document.body.offsetHeight; return performance.now() - t")
    print(f"html_report: 2,000 records: script done after {first:.0f} ms, loaded after {loaded:.0f} ms, sorted in {took:.0f} ms, {elements} elements")
    picture(page, "many", False)
    page.run("location.hash = 'r1999'")
    check(page.run("return document.querySelectorAll('.open').length") in (0, 1), "hash")
    page.open_file("show.html")
    check(len(names(page)) == 9, "show")
    page.size(420, 800)
    picture(page, "narrow", False)
    check(page.run("return document.documentElement.scrollWidth") <= 420, "wider than a phone", page.run("return document.documentElement.scrollWidth"))


def main():
    if not browser.is_there():
        print("html_report: SKIPPED: apt-get install chromium chromium-driver")
        return SKIPPED
    with tempfile.TemporaryDirectory(prefix="ullage-html-") as folder, browser.browser() as page:
        place = pathlib.Path(folder)
        report = make(place)
        page.open_file = lambda name: page.open((place / name).as_uri())
        page.size(1280, 900)
        page.scheme("light")
        besides(page)
        structure(page, report)
        sorting(page, report)
        filtering(page)
        opening(page)
        contrast(page)
        copying(page, place)
        without_scripts(page, report)
        on_paper(page)
        comparison(page, place)
        many(page)
        for line in page.log():
            check(False, "console:", line)
    for failure in failures:
        print("html_report:", failure)
    print(f"html_report: {len(failures)} failures")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
