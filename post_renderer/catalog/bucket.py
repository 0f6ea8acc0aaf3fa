"""Reads buckets: entries that no pod mounts. A program gets their URL, and their Secret as variables."""

from __future__ import annotations

from post_renderer.k8s import DIGITS, is_dns_subdomain, is_path_segment
from post_renderer.problems import quoted, suggest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.problems import Report

# How Polyaxon's stores tell one from another, with the URL of each.
STORES = {
    "s3": "s3://my-bucket",
    "gcs": "gs://my-bucket",
    "azure": "wasbs://my-container@my-account.blob.core.windows.net/",
}
OUR_PREFIXES = ("POLYAXON_", "POLYSTORES_")
# What shells, loaders and interpreters take from the environment: credentials there would break the program.
OTHERS_PREFIXES = ("LD_", "DYLD_", "KUBERNETES_")
OTHERS_NAMES = frozenset(
    """BASH_ENV CLASSPATH ENV HOME HOSTNAME IFS JAVA_TOOL_OPTIONS LANG LC_ALL LOGNAME NODE_OPTIONS NODE_PATH OLDPWD PATH
    PERL5LIB PERL5OPT PS1 PWD PYTHONHOME PYTHONPATH PYTHONSTARTUP R_HOME RUBYLIB RUBYOPT SHELL SHLVL TERM TMPDIR TZ
    USER""".split()
)


class Bucket:
    """Where a bucket is, and the key of the Secret that opens it (empty where the pod's own identity does)."""

    __slots__ = ("secret", "secret_key", "store", "url")

    def __init__(self, store: str, url: str, secret: str, secret_key: str) -> None:
        self.store = store
        self.url = url
        self.secret = secret
        self.secret_key = secret_key


def read_bucket(store: str, url: str, secret: str, secret_key: str, note: Report) -> Bucket:
    """A bucket of four fields, each empty if it is missing; everything that is wrong with them is reported."""
    if not store:
        note("a bucket has a store", f"write store: {', '.join(STORES)}")
    elif store not in STORES:
        note(f"unknown store {quoted(store)}", suggest(store, STORES))
    elif not url:
        note("a bucket has a URL", f"write bucket: {STORES[store]}")
    elif reason := url_error(store, url):
        scheme = STORES[store].partition("//")[0]
        better = f"{scheme}//{url}" if not url_error(store, f"{scheme}//{url}") else STORES[store]
        note(f"bucket {quoted(url)} {reason}", f"write bucket: {better}")
    _check_secret(secret, secret_key, note)
    return Bucket(store, url, secret, secret_key)


def _check_secret(secret: str, secret_key: str, note: Report) -> None:
    if secret and not is_dns_subdomain(secret):
        note(f"secret {quoted(secret)} is not a Secret's name", "write the name of a Secret of the runs' namespace")
    if secret and not secret_key:
        note("secret without secretKey", "write secretKey: the key of the Secret that holds the credentials as JSON")
    if secret_key and not secret:
        note("secretKey without secret", "write secret: the name of the Secret, or leave both out")
    if secret_key and (not is_path_segment(secret_key) or secret_key[0] in DIGITS or secret_key.startswith("..")):
        message = f"secretKey {quoted(secret_key)} can't be a variable's name, which it is in the pod"
        note(message, "letters, digits, dashes, dots and underscores, and no digit first")
    elif secret_key.startswith(OUR_PREFIXES):
        note(
            f"secretKey {quoted(secret_key)} is called like a variable of polyaxon-persistence",
            "give the Secret's key another name",
        )
    elif secret_key in OTHERS_NAMES or secret_key.startswith(OTHERS_PREFIXES):
        message = f"secretKey {quoted(secret_key)} would take the place of a variable that programs need"
        note(message, "give the Secret's key another name, as in s3-key.json")


def url_error(store: str, url: str) -> str:
    """What is wrong with a bucket's URL; empty when every library reads it as the same bucket and folder."""
    scheme = STORES[store].partition("//")[0] + "//"
    if not url.startswith(scheme):
        return f"is no URL of {store}"
    if not url.isascii() or not url.isprintable() or not set(url).isdisjoint(' "\\?#'):
        return "has a character that libraries read differently"
    name, _, path = url[len(scheme) :].partition("/")
    if store == "azure":
        name, _, account = name.partition("@")
        if "." not in account or not is_dns_subdomain(account):
            return "names no storage account"
    if not is_path_segment(name):
        return "names no bucket"
    segments = path.removesuffix("/").split("/") if path else []
    return "has a folder that is empty, . or .." if {"", ".", ".."} & set(segments) else ""
