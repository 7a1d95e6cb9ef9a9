#!/usr/bin/env python3
"""Runs the console blocks of README.md and compares what they print. usage: readme.py ULLAGE ROOT [--bless]

A command line begins with "$ "; what follows, to the next one or the end of the block, is its standard output. `ullage` is the
binary under test. Exit statuses 0 and 1 are both fine: findings are what the README shows.
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


def main():
    binary, root = sys.argv[1:3]
    path = os.path.join(root, "README.md")
    text = open(path, encoding="utf-8").read()
    commands, failed = 0, False

    def redo(block):
        nonlocal commands, failed
        lines = []
        for piece in re.split(r"^(?=\$ )", block.group(1), flags=re.M):
            if not piece:
                continue
            command, *expected = piece.rstrip("\n").splitlines()
            actual = run(command[2:], binary, root)
            commands += 1
            if actual != expected:
                failed = True
                print(f"readme: `{command}` prints otherwise:", *actual, sep="\n")
            lines += [command] + actual
        return "```console\n" + "\n".join(lines) + "\n```"

    renewed = re.sub(r"```console\n(.*?)```", redo, text, flags=re.S)
    if "--bless" in sys.argv and not os.environ.get("CI"):
        open(path, "w", encoding="utf-8").write(renewed)
        return 0
    if commands < 3:
        raise SystemExit("readme: fewer commands than there should be")
    return 1 if failed else 0


sys.exit(main())
