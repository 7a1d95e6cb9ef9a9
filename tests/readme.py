#!/usr/bin/env python3
"""Runs the console blocks of README.md and compares what they print. usage: readme.py ULLAGE ROOT [--bless]

A command line begins with "$ "; what follows, to the next one or the end of the block, is its standard output. `ullage` is the
binary under test. Exit statuses 0 and 1 are both fine: findings are what the README shows.

A block `console measured` holds figures of the machine and the day that the text around it names: another run has others. Its
command is run for a second; the lines above the first table must be the same, every line below must have the same form, and a table
the same rows, but for the rows that depend on the machine's caches and processors. --bless runs it for as long as it says.
"""
import os
import re
import subprocess
import sys


def run(command, binary, root):
    words = command.split()
    if words[0] != "ullage":
        raise SystemExit(f"readme: not a command of ours: {command}")
    environment = dict(os.environ, LC_ALL="C.UTF-8", NO_COLOR="1")
    done = subprocess.run([binary] + words[1:], cwd=root, env=environment, capture_output=True, text=True)
    if done.returncode > 1:
        raise SystemExit(f"readme: status {done.returncode}: {command}\n{done.stderr}")
    return done.stdout.rstrip("\n").splitlines()


SIZE, FIGURE, VERDICT = r"[\d.]+ (?:B|[KMG]iB)", r"(?:-|[\d.]+ ± *\d+%)", r"(?:[\d.]+(?: same)?|cannot tell|too few runs)"
ARRAY_ROW = re.compile(rf"(?:scan|random) +(?:L1|L2|L3|memory) +{SIZE} +{SIZE} +{FIGURE} +{FIGURE}  {VERDICT}")
THREADS_ROW = re.compile(rf"(threads .* between) +{FIGURE} +{FIGURE}  {VERDICT}")
NOTES = re.compile(r".*\d+ processors?, L1 .* \d+ runs in \d+ process(?:es)?, \d+ of them thrown away: ")


def form(lines, has_threads):
    """What every run of `ullage bench` has in common: its lines without their figures, and none that the machine decides about."""
    parts = "\n".join(lines).split("\n\n")
    result = parts[0].splitlines()
    for line in "\n".join(parts[1:-1]).splitlines():
        threads = THREADS_ROW.fullmatch(line)
        line = "arrays" if ARRAY_ROW.fullmatch(line) else threads.group(1) if threads else line
        if line != result[-1] and (has_threads or not threads):
            result.append(line)
    return result + ["notes" if NOTES.match(parts[-1].replace("\n", " ")) else parts[-1]]


def differs(actual, expected, is_measured):
    if not is_measured:
        return actual != expected
    has_threads = not any(line.startswith("one processor:") for line in actual)
    return form(actual, has_threads) != form(expected, has_threads)


def main():
    binary, root = sys.argv[1:3]
    path = os.path.join(root, "README.md")
    text = open(path, encoding="utf-8").read()
    commands, failed = 0, False

    def redo(block):
        nonlocal commands, failed
        lines = []
        is_measured = block.group(1) == " measured"
        for piece in re.split(r"^(?=\$ )", block.group(2), flags=re.M):
            if not piece:
                continue
            command, *expected = piece.rstrip("\n").splitlines()
            is_short = is_measured and "--bless" not in sys.argv
            actual = run(command[2:] + (" --time 1" if is_short else ""), binary, root)
            commands += 1
            if differs(actual, expected, is_measured):
                failed = True
                print(f"readme: `{command}` prints otherwise:", *actual, sep="\n")
            lines += [command] + actual
        return f"```console{block.group(1) or ''}\n" + "\n".join(lines) + "\n```"

    renewed = re.sub(r"```console( measured)?\n(.*?)```", redo, text, flags=re.S)
    if "--bless" in sys.argv and not os.environ.get("CI"):
        open(path, "w", encoding="utf-8").write(renewed)
        return 0
    if commands < 3:
        raise SystemExit("readme: fewer commands than there should be")
    return 1 if failed else 0


sys.exit(main())
