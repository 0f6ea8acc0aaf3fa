"""Starts tensorboard with access to a bucket: reads Polyaxon's JSON and sets the variables that tensorboard reads.

The chart passes this text to python3 in the image of the run, with the arguments of tensorboard. So it needs only the
standard library of Python 3.6. Kubernetes would expand a dollar with a parenthesis, so the text must not have one.
"""

import json
import os
import re
import sys
import tempfile

# Name in Polyaxon's JSON -> name that boto3 or the file layer of tensorboard reads.
OTHER_NAMES = {
    "AWS_REGION": "AWS_DEFAULT_REGION",
    "AWS_SECURITY_TOKEN": "AWS_SESSION_TOKEN",
    "AWS_ENDPOINT_URL": "S3_ENDPOINT",
}


def stop(message):
    sys.exit("tensorboard was not started: " + message)


def read_secret(key):
    # Shells remove variables with dots or dashes in their names, so the chart copies them to these names: keyVariable.
    text = os.environ.get("STORE_KEY_" + key.replace("_", "_5F").replace("-", "_2D").replace(".", "_2E"))
    if text is None:
        stop("the values of the chart do not name the secretKey %s: write the bucket in these values" % key)
    try:
        values = json.loads(text)
    except ValueError:
        values = None
    if not isinstance(values, dict):
        stop("the key %s of the bucket's Secret is not a JSON object" % key)
    return text, values


def open_s3(key):
    for name, value in read_secret(key)[1].items():
        name = re.sub("^(?!AWS_)", "AWS_", name.upper())
        if isinstance(value, str) and value and re.fullmatch("[A-Z0-9_]+", name):
            try:
                value = os.environ.setdefault(name, value)
            except ValueError:
                stop("%s in the key %s of the bucket's Secret has a character that no variable can have" % (name, key))
            os.environ.setdefault(OTHER_NAMES.get(name, name), value)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        if name not in os.environ:
            stop("the JSON in the key %s of the bucket's Secret has no %s" % (key, name))


def open_gcs(key):
    text, _ = read_secret(key)
    try:
        file, path = tempfile.mkstemp(prefix="key-", suffix=".json")  # only this user can read it: mode 0600
        with os.fdopen(file, "w") as out:
            out.write(text)
    except OSError as error:
        stop("it can't write Google's key file (%s): add an emptyDir, mounted at /tmp" % error.strerror)
    except ValueError:
        stop("the key %s of the bucket's Secret is not valid UTF-8" % key)
    os.environ.setdefault("GOOGLE_APPLICATION_CREDENTIALS", path)


def main():
    access = json.loads(os.environ.get("POLYSTORES_RUN_STORES_ACCESS_KEYS") or "{}")
    bucket = access.get(os.environ.get("POLYAXON_RUN_OUTPUTS_PATH"))
    if bucket and bucket["store"] == "azure":
        stop("it can't open storage of Azure")
    if bucket:
        {"s3": open_s3, "gcs": open_gcs}[bucket["store"]](bucket["secret_key"])
    try:
        os.execvp("tensorboard", ["tensorboard", *sys.argv[1:]])
    except OSError:
        stop("this image has no program tensorboard")


main()
