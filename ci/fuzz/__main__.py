"""`make fuzz`: gives each target bytes that the fuzzer changes, and keeps those that reach new code. See one.py.

usage: python -m ci.fuzz [--duration SECONDS] [--only "render krm"] [--keep]

--keep: afterwards, copy inputs that reach code which the seeds don't reach to the kept corpus, which is small.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from tests.robustness.fuzz.seeds import seeds_of
from tests.robustness.fuzz.targets import TARGETS

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
CORPUS = ROOT / "tests" / "robustness" / "corpus"
WORK = ROOT / ".fuzz"  # what the fuzzer found, for the next run; and inputs that broke a promise
SHARES = {"render": 4, "readers": 3, "migrate": 2, "krm": 2, "argocd": 1}  # of the time
LIMITS = ("-timeout=20", "-rss_limit_mb=2048", "-max_len=4096")  # seconds for one input; bytes of an input
KEPT_FILES, KEPT_SIZE = 60, 50_000  # of one target in the corpus; bytes
EXECUTIONS = re.compile(r"^stat::number_of_executed_units: +(\d+)", re.MULTILINE)


def install() -> dict[str, str]:
    """Install the fuzzer into its own directory, and return the environment in which it can be imported."""
    lock = HERE / "requirements.lock"
    folder = ROOT / ".tools" / "fuzz" / "{}.{}".format(*sys.version_info[:2])
    stamp = folder / f".{hashlib.sha256(lock.read_bytes()).hexdigest()[:16]}"
    if not stamp.exists():
        shutil.rmtree(folder, ignore_errors=True)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command = [*pip, "--require-hashes", "--only-binary", ":all:", "-r", str(lock), "--target", str(folder)]
        if subprocess.run(command, check=False).returncode:
            sys.exit("atheris can't be installed: it has wheels for Linux on x86-64, and Python 3.11 to 3.13")
        stamp.touch()
    return {**os.environ, "PYTHONPATH": f"{ROOT}:{folder}", "PYTHONHASHSEED": "0"}


def write_seeds(target: str) -> Path:
    folder = WORK / "seeds" / target
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for raw in seeds_of(target):
        (folder / name_of(raw)).write_bytes(raw)
    return folder


def name_of(raw: bytes) -> str:
    return hashlib.sha1(raw, usedforsecurity=False).hexdigest()[:16]


def program(target: str) -> list[str]:
    """Return the beginning of a command that runs a target, and write the file that libFuzzer starts to merge."""
    command = [sys.executable, "-m", "ci.fuzz.one", target]
    path = WORK / f"run-{target}"
    path.write_text(f'#!/bin/sh\nexec {shlex.join([*command, str(path)])} "$@"\n')
    path.chmod(0o755)
    return [*command, str(path)]


def run_target(target: str, seconds: int, env: dict[str, str]) -> tuple[int, bool]:
    """Return the number of executions, and whether all of them kept the promises."""
    found = WORK / "found" / target
    broken = WORK / "broken" / target
    for folder in (found, broken):
        folder.mkdir(parents=True, exist_ok=True)
    kept = CORPUS / target
    places = [str(found), str(write_seeds(target)), *([str(kept)] if kept.is_dir() else [])]
    options = [
        f"-max_total_time={seconds}",
        "-print_final_stats=1",
        f"-dict={HERE / 'words.dict'}",
        f"-artifact_prefix={broken}/",
    ]
    log = WORK / f"{target}.log"
    with log.open("wb") as file:
        command = [*program(target), *LIMITS, *options, *places]
        done = subprocess.run(command, cwd=ROOT, env=env, stdout=file, stderr=subprocess.STDOUT, check=False)
    text = log.read_text(errors="replace")
    executions = sum(map(int, EXECUTIONS.findall(text)))
    if done.returncode:
        print(f"{target}: a finding, with exit code {done.returncode}. The end of {log.relative_to(ROOT)}:")
        print(text[-3000:])
    return executions, done.returncode == 0


def keep(target: str, env: dict[str, str]) -> None:
    """Copy inputs that reach code which the seeds and the corpus don't reach to the corpus, up to its limits."""
    merged = WORK / "merged" / target
    shutil.rmtree(merged, ignore_errors=True)
    shutil.copytree(WORK / "seeds" / target, merged)
    before = {path.name for path in merged.iterdir()}
    (CORPUS / target).mkdir(parents=True, exist_ok=True)
    places = [str(merged), str(CORPUS / target), str(WORK / "found" / target)]
    with (WORK / f"{target}-merge.log").open("wb") as file:
        command = [*program(target), *LIMITS, "-merge=1", *places]
        subprocess.run(command, cwd=ROOT, env=env, stdout=file, stderr=subprocess.STDOUT, check=True)
    # Their names are hashes, so this is a sample of them by chance, but the same one each time.
    new = sorted(path for path in merged.iterdir() if path.name not in before)
    room = KEPT_SIZE - sum(path.stat().st_size for path in (CORPUS / target).iterdir())
    for path in new:
        raw = path.read_bytes()
        room -= len(raw)
        if room < 0 or len(list((CORPUS / target).iterdir())) >= KEPT_FILES:
            break
        (CORPUS / target / name_of(raw)).write_bytes(raw)


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--duration", type=int, default=600)
    parser.add_argument("--only", default=" ".join(SHARES))
    parser.add_argument("--keep", action="store_true")
    arguments = parser.parse_args(words)
    assert SHARES.keys() == TARGETS.keys()
    targets = arguments.only.split()
    env = install()
    total = sum(SHARES[target] for target in targets)
    failed = []
    for target in targets:
        executions, good = run_target(target, max(1, arguments.duration * SHARES[target] // total), env)
        print(f"{target}: {executions} executions", flush=True)
        if not good or not executions:
            failed.append(target)
    if failed:
        hint = (
            f"the inputs are in .fuzz/broken. To debug one, copy it to {CORPUS.relative_to(ROOT)}/TARGET and run pytest"
        )
        sys.exit(f"failed: {' '.join(failed)}; {hint}")
    if arguments.keep:
        for target in targets:
            keep(target, env)


if __name__ == "__main__":
    main()
