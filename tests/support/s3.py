"""A local S3 server that accepts one key alone, with the results of a run in a bucket."""

from __future__ import annotations

import json
import socket
import subprocess
import time
import urllib.request
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BUCKET, TAG = "logs", "loss"
# Arguments: the address, the port, the directory of the results. Serves S3, makes a user with a key, and the results of
# a run, which tensorboard's own file layer writes. Then it prints the key, and from now on moto checks each signature.
SERVE = f"""
import json, os, sys, threading, urllib.request
from moto.server import ThreadedMotoServer
host, port, directory = sys.argv[1:]
url = "http://127.0.0.1:" + port
ThreadedMotoServer(host, port=int(port), verbose=False).start()
os.environ.update(AWS_ENDPOINT_URL=url, AWS_DEFAULT_REGION="us-east-1")
os.environ.update(AWS_ACCESS_KEY_ID="anybody", AWS_SECRET_ACCESS_KEY="anything")
import boto3
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter
boto3.client("s3").create_bucket(Bucket="{BUCKET}")
iam = boto3.client("iam")
iam.create_user(UserName="reader")
allowed = {{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}]}}
iam.put_user_policy(UserName="reader", PolicyName="s3", PolicyDocument=json.dumps(allowed))
writer = EventFileWriter("s3://{BUCKET}/" + directory)
writer.add_event(Event(wall_time=1, step=1, summary=Summary(value=[Summary.Value(tag="{TAG}", simple_value=0.5)])))
writer.close()
key = iam.create_access_key(UserName="reader")["AccessKey"]
check = urllib.request.Request(url + "/moto-api/reset-auth", b"0", {{"Content-Type": "text/plain"}})
urllib.request.urlopen(check).close()
print(json.dumps([key["AccessKeyId"], key["SecretAccessKey"]]), flush=True)
threading.Event().wait()
"""


class Server(NamedTuple):
    """The server: its address, and the one key that it accepts."""

    url: str
    key: str
    secret: str

    def variables(self) -> dict[str, str]:
        return {
            "AWS_ACCESS_KEY_ID": self.key,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": self.url,
        }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def serve_s3(python: Path, directory: str) -> Iterator[Server]:
    """Start the server with the Python that has moto and tensorboard, and stop it after the yield."""
    port = free_port()
    command = [str(python), "-c", SERVE, "127.0.0.1", str(port), directory]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert server.stdout is not None
        line = server.stdout.readline()
        assert line, "the S3 server did not start"
        yield Server(f"http://127.0.0.1:{port}", *json.loads(line))
    finally:
        server.terminate()
        server.communicate()


def wait_for(url: str, process: subprocess.Popen[str], seconds: float = 120) -> Any:
    """Ask until there is an answer with the status 200, and a JSON value that is not empty. Return the value."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                last = json.load(answer)
            if last:
                return last
        except OSError as error:
            last = error
        assert process.poll() is None, f"the server ended: {process.communicate()[0]}"
        assert time.monotonic() < deadline, f"after {seconds:.0f} s {url} still gave {last}"
        time.sleep(0.2)
