"""Runs what compare.sh has set up, in turns, and prints a table.

What is compared is the CPU time (user and system) of whole processes, as ratios of runs next to each other: A B C, A B C,
and so on. The ratio that is printed is the median of the ratios, not a ratio of medians, so that a machine that is busy for a
while is busy for all of them.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess

WORDS = ["gen_hook", "ejabberd_hooks", "mongoose_hooks", "mongoose_c2s_hooks", "hooks("]


def cpu_seconds(command):
    """User and system time of one run, whose output is thrown away."""
    pid = os.fork()
    if pid == 0:
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(nothing, stream)
        os.execvp(command[0], command)
    _, status, usage = os.wait4(pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        raise SystemExit(f"failed: {' '.join(command)}")
    return usage.ru_utime + usage.ru_stime


def peak_memory(command):
    """Peak resident size in MiB, as GNU time tells it; None without it.

    A process takes over the peak of the one that forked it, so it cannot be asked for from here.
    """
    time = shutil.which("time")
    if time is None:
        return None
    done = subprocess.run([time, "-f", "%M", *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    last = done.stderr.strip().splitlines()[-1:]
    return int(last[0]) / 1024 if last and last[0].isdigit() else None


def compare(commands, runs, base):
    """Prints a row for each command: median CPU time, ratio to the base, peak memory."""
    times = {name: [] for name in commands}
    for turn in range(runs + 1):
        for name, command in commands.items():
            spent = cpu_seconds(command)
            # The first turn is for the caches.
            if turn > 0:
                times[name].append(spent)
    print(f"  {'':34} {'CPU ms':>10} {'ratio':>8} {'least':>8} {'most':>8} {'peak MiB':>9}")
    for name, command in commands.items():
        ratios = [own / other for own, other in zip(times[name], times[base])]
        memory = peak_memory(command)
        print(
            f"  {name:34} {statistics.median(times[name]) * 1000:10.1f} {statistics.median(ratios):8.2f}"
            f" {min(ratios):8.2f} {max(ratios):8.2f} {'-' if memory is None else f'{memory:.1f}':>9}"
        )


def size_of(tree):
    """How many Erlang files there are, and how many bytes in them."""
    sizes = [
        os.path.getsize(os.path.join(directory, name))
        for directory, _, names in os.walk(tree)
        for name in names
        if name.endswith((".erl", ".hrl")) and os.path.isfile(os.path.join(directory, name))
    ]
    return len(sizes), sum(sizes)


def main():
    parser = argparse.ArgumentParser(prog="compare.sh", description=__doc__.splitlines()[0])
    parser.add_argument("trees", nargs="+", metavar="DIRECTORY")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--hookshift", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--ast-grep", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--config", required=True, help=argparse.SUPPRESS)
    args = parser.parse_args()

    for command in (["rg", "--version"], [args.hookshift, "--version"], [args.ast_grep, "--version"]):
        print(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0])
    print("\nstart-up")
    compare({"rg --version": ["rg", "--version"], "hookshift --version": [args.hookshift, "--version"]}, args.runs * 2, "rg --version")

    for tree in args.trees:
        files, size = size_of(tree)
        print(f"\n{tree}: {files} files, {size / 1e6:.1f} MB")
        patterns = [part for word in WORDS for part in ("-e", word)]
        check = [args.hookshift, "check", "--threads", "1", "--format", "concise", "--exit-zero"]
        commands = {
            "rg -j1": ["rg", "-j1", "-c", "-F", *patterns, "-g", "*.erl", "-g", "*.hrl", tree],
            "hookshift check --threads 1": [*check, tree],
            "ast-grep scan --threads 1": [
                args.ast_grep, "scan", "--custom-languages", "allow", "--threads", "1",
                "--config", args.config, "--json=compact", tree,
            ],
        }
        compare(commands, args.runs, "rg -j1")
        told = [*check[:-3], "--format", "json", "--exit-zero", "--statistics", tree]
        done = subprocess.run(told, capture_output=True, text=True, check=True)
        figures = json.loads(done.stdout)["statistics"]
        share = figures["bytes_parsed"] / max(figures["bytes_read"], 1)
        print(f"  bytes parsed: {figures['bytes_parsed']} of {figures['bytes_read']}, {share:.2%}")


main()
