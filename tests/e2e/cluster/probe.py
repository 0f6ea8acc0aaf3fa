"""What a run does in its pod: look around, write to every mount, and print it all as one line of JSON.

Given to the container as text, so it needs nothing but Python and polyaxon-helper in the image.
"""

import errno
import json
import os
import sys

import polyaxon_helper  # type: ignore[import-not-found]  # stands in the image only

OURS = ("/data/", "/outputs/", "/polyaxon/")


def try_write(folder: str) -> str:
    try:
        with open(f"{folder}/written-by-{os.getpid()}-{os.environ['HOSTNAME']}", "w", encoding="utf-8"):
            return "written"
    except OSError as error:
        return errno.errorcode[error.errno or 0]


def read_marker(folder: str) -> "str | None":
    try:
        with open(f"{folder}/marker", encoding="utf-8") as file:
            return file.read()
    except OSError:
        return None


with open("/proc/self/mounts", encoding="utf-8") as table:
    mounts = sorted(path for _, path, *_ in map(str.split, table) if path.startswith(OURS))
outputs = os.environ.get("POLYAXON_RUN_OUTPUTS_PATH", "")
report = {
    "mounts": mounts,
    "variables": {key: value for key, value in os.environ.items() if key.startswith("POLYAXON_")},
    "markers": {path: read_marker(path) for path in mounts},
    "listed": {path: sorted(os.listdir(path)) for path in mounts},
    "run_folder_was_there": os.path.isdir(outputs),
    "writes": {path: try_write(path) for path in [*mounts, *([outputs] if outputs else [])]},
    "helper_data": polyaxon_helper.get_data_paths(),
    "helper_outputs": polyaxon_helper.get_outputs_path(),
    "user": os.getuid(),
}
sys.stdout.write(json.dumps(report) + "\n")
