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

BUCKET, FOLDER, TAG = "logs", "team-a/experiments/demo-train", "loss"
# Makes a user with a key, and the results of a run, which tensorboard's own file layer writes. Prints the key.
FILL = f"""
import boto3, json
boto3.client("s3").create_bucket(Bucket="{BUCKET}")
iam = boto3.client("iam")
iam.create_user(UserName="reader")
allowed = {{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}]}}
iam.put_user_policy(UserName="reader", PolicyName="s3", PolicyDocument=json.dumps(allowed))
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter
writer = EventFileWriter("s3://{BUCKET}/{FOLDER}")
writer.add_event(Event(wall_time=1, step=1, summary=Summary(value=[Summary.Value(tag="{TAG}", simple_value=0.5)])))
writer.close()
print(json.dumps(iam.create_access_key(UserName="reader")["AccessKey"], default=str))
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


def serve_s3(python: Path) -> Iterator[Server]:
    """Start the server with the Python that has moto and tensorboard, and stop it after the yield."""
    port = free_port()
    command = [str(python), "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True)
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(f"{url}/moto-api/data.json", server, may_be_empty=True)
        env = {"AWS_ENDPOINT_URL": url, "AWS_DEFAULT_REGION": "us-east-1"}
        env |= {"AWS_ACCESS_KEY_ID": "anybody", "AWS_SECRET_ACCESS_KEY": "anything"}
        done = subprocess.run([python, "-c", FILL], env=env, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        made = json.loads(done.stdout)
        # From now on, moto checks the signature of each request.
        check = urllib.request.Request(f"{url}/moto-api/reset-auth", b"0", {"Content-Type": "text/plain"})
        urllib.request.urlopen(check, timeout=10).close()
        yield Server(url, made["AccessKeyId"], made["SecretAccessKey"])
    finally:
        server.terminate()
        server.wait()


def wait_for(url: str, process: subprocess.Popen[str], seconds: float = 60, *, may_be_empty: bool = False) -> Any:
    """Ask until there is an answer with the status 200, and a JSON value that is not empty. Return the value."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                last = json.load(answer)
            if last or may_be_empty:
                return last
        except OSError as error:
            last = error
        assert process.poll() is None, f"the server ended: {process.communicate()[0]}"
        assert time.monotonic() < deadline, f"after {seconds:.0f} s {url} still gave {last}"
        time.sleep(0.2)
