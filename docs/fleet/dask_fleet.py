#!/usr/bin/env python3
"""Checks many repositories on the workers of Dask, each by `check-one`, which stands beside this file.

    dask_fleet.py REPOSITORIES DIRECTORY [-- OPTION OF CHECK...]

REPOSITORIES has a name and what `git clone` takes on each line. Reports come back over the network and are written here, as they
come, to DIRECTORY/NAME.json, so workers need no disk in common; they need git, hookshift and bash. A repository with a report
from an earlier run is not checked again. What fails is tried again, then told, and the exit code is 2.
"""

import argparse
import logging
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from dask.distributed import Client, LocalCluster, as_completed

CHECK_ONE = Path(__file__).with_name("check-one").read_bytes()


class CheckFailed(Exception):
    """A repository that has no report, and why."""


def check(name, source, options, time_limit, check_one=CHECK_ONE):
    """Runs on a worker. The script comes along, so that nothing has to be installed there but the programs that it calls."""
    with tempfile.TemporaryDirectory() as directory:
        script = Path(directory, "check-one")
        script.write_bytes(check_one)
        reports = Path(directory, "reports")
        command = ["bash", str(script), str(reports), name, source, *options]
        # With a session of its own, git and hookshift end with it.
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
        try:
            _, errors = process.communicate(timeout=time_limit)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise CheckFailed(f"took more than {time_limit:g} s") from None
        if process.returncode != 0:
            lines = errors.decode(errors="replace").splitlines()
            raise CheckFailed("; ".join(filter(None, lines)) or f"check-one exited with {process.returncode}")
        return (reports / f"{name}.json").read_bytes()


def read_repositories(path):
    """Names with their sources, in order."""
    repositories = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        name, _, source = line.strip().partition(" ")
        if not source.strip() or name in repositories or ".." in name.split("/") or name.startswith("/"):
            raise SystemExit(f"{path}:{number}: a name that is not there yet, and where to clone from, are expected")
        repositories[name] = source.strip()
    return repositories


def write(report, content):
    """A report is there whole or not at all, whenever this process ends."""
    report.parent.mkdir(parents=True, exist_ok=True)
    new = report.with_name(report.name + ".new")
    new.write_bytes(content)
    new.replace(report)


def arguments():
    parser = argparse.ArgumentParser(description="Checks many repositories on the workers of Dask.")
    parser.add_argument("repositories", type=Path)
    parser.add_argument("directory", type=Path)
    parser.add_argument("options", nargs="*", help="further options of hookshift check, behind --")
    parser.add_argument("--scheduler", help="the address of a cluster; without one, workers are started here")
    parser.add_argument("--workers", type=int, help="how many, of those that are started here")
    parser.add_argument("--retries", type=int, default=2, help="how often a check that fails is tried again")
    parser.add_argument("--time-limit", type=float, default=300, metavar="SECONDS", help="for one repository")
    return parser.parse_args()


def connect(given):
    if given.scheduler:
        return Client(given.scheduler)
    # Workers only wait for processes, so one thread for each check that shall run at a time is all that they need.
    # What fails is told below, once and not at every try.
    return Client(
        LocalCluster(n_workers=given.workers, threads_per_worker=1, dashboard_address=None, silence_logs=logging.CRITICAL)
    )


def main():
    given = arguments()
    repositories = read_repositories(given.repositories)
    report = {name: given.directory / f"{name}.json" for name in repositories}
    todo = [name for name in repositories if not report[name].exists()]
    failed = {}
    if todo:
        with connect(given) as client:
            futures = {
                client.submit(
                    check, name, repositories[name], given.options, given.time_limit, key=f"check-{name}", retries=given.retries
                ): name
                for name in todo
            }
            for future in as_completed(futures):
                name = futures[future]
                if future.status == "finished":
                    write(report[name], future.result())
                else:
                    # Of a worker that died, too: Dask gives the task to another one, and gives it up after some.
                    failed[name] = str(future.exception())
                    print(f"failed: {name}: {failed[name]}", file=sys.stderr)
                # What is written need not be kept in the memory of the workers.
                future.release()
    kept = len(repositories) - len(todo)
    print(f"{len(todo) - len(failed)} checked, {kept} kept from an earlier run, {len(failed)} failed")
    return 2 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
