"""Reads buckets: entries that no pod mounts. A program gets the bucket's URL, and variables from its Secret."""

from __future__ import annotations

from post_renderer.k8s import DIGITS, is_dns_subdomain, is_path_segment
from post_renderer.problems import quoted, suggest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.problems import KeyReport

# The stores that Polyaxon supports, each with an example of a URL.
STORES = {
    "s3": "s3://my-bucket",
    "gcs": "gs://my-bucket",
    "azure": "wasbs://my-container@my-account.blob.core.windows.net/",
}
# The variables of `credentials: env`, for each of which the Secret has a key: first those that must be there, then the
# others. Current libraries read these names: boto3 and other SDKs of AWS; adlfs, the Azure CLI and azure-identity.
VARIABLES = {
    "s3": (
        ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
        ("AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"),
    ),
    "azure": (
        ("AZURE_STORAGE_ACCOUNT_NAME",),
        (
            *("AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_CONNECTION_STRING", "AZURE_STORAGE_SAS_TOKEN"),
            *("AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_KEY"),
            *("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"),
        ),
    ),
}
# Google's libraries read a key file, whose path is in this variable.
FILE_STORE, FILE_VARIABLE = "gcs", "GOOGLE_APPLICATION_CREDENTIALS"
OUR_PREFIXES = ("POLYAXON_", "POLYSTORES_")
# Shells, loaders and interpreters read these variables. With credentials as their value, programs would not work.
OTHERS_PREFIXES = ("LD_", "DYLD_", "KUBERNETES_")
OTHERS_NAMES = frozenset(
    """BASH_ENV CLASSPATH ENV HOME HOSTNAME IFS JAVA_TOOL_OPTIONS LANG LC_ALL LOGNAME NODE_OPTIONS NODE_PATH OLDPWD PATH
    PERL5LIB PERL5OPT PS1 PWD PYTHONHOME PYTHONPATH PYTHONSTARTUP R_HOME RUBYLIB RUBYOPT SHELL SHLVL TERM TMPDIR TZ
    USER""".split()
)


class Bucket:
    """A bucket: its URL, and the Secret and key with its credentials, which are empty if pods need no credentials.

    ``in_variables``: True for ``credentials: env``. Then each key of the Secret is a variable; ``secret_key`` is empty,
    or the key of a file. Otherwise ``secret_key`` is the key of a JSON document, and the name of a variable.
    """

    __slots__ = ("in_variables", "secret", "secret_key", "store", "url")

    def __init__(self, store: str, url: str, secret: str, secret_key: str, *, in_variables: bool) -> None:
        self.store = store
        self.url = url
        self.secret = secret
        self.secret_key = secret_key
        self.in_variables = in_variables

    @property
    def key_file(self) -> bool:
        """Whether the pod gets the credentials as a file."""
        return self.in_variables and self.store == FILE_STORE


def read_bucket(texts: dict[str, str], note: KeyReport) -> Bucket:
    """Return the bucket, and report all errors in ``texts``, the texts of its keys. A missing text is empty."""
    store, url, secret = texts["store"], texts["bucket"], texts["secret"]
    if not store:
        fitting = [name for name in STORES if not url_error(name, url)] or list(STORES)
        note("a bucket needs a store", f"write store: {' or store: '.join(fitting)}", "")
    elif store not in STORES:
        note(f"unknown store {quoted(store)}", suggest(store, STORES), "store")
    elif not url:
        note("a bucket needs a URL", f"write bucket: {STORES[store]}", "")
    elif reason := url_error(store, url):
        scheme = STORES[store].partition("//")[0]
        better = f"{scheme}//{url}" if not url_error(store, f"{scheme}//{url}") else STORES[store]
        note(f"bucket {quoted(url)} {reason}", f"write bucket: {better}", "bucket")
    bucket = Bucket(store, url, secret, texts["secretKey"], in_variables=bool(texts["credentials"]))
    if secret and not is_dns_subdomain(secret):
        note(
            f"secret {quoted(secret)} is not the name of a Secret",
            "write the name of a Secret in the namespace of the runs",
            "secret",
        )
    if bucket.in_variables:
        _check_variables(bucket, texts["credentials"], note)
    else:
        _check_json(bucket, note)
    return bucket


def _check_variables(bucket: Bucket, credentials: str, note: KeyReport) -> None:
    key = bucket.secret_key
    if credentials != "env":
        hint = "write credentials: env, or remove credentials and set secretKey to the key with the credentials as JSON"
        note(f"unknown credentials {quoted(credentials)}", hint, "credentials")
    elif not bucket.secret:
        hint = "set secret to the name of the Secret, or remove credentials"
        note("credentials: env is set without secret", hint, "credentials")
    elif bucket.key_file and not key:
        hint = "set secretKey to the key of the Secret that contains Google's key file"
        note("secret is set without secretKey", hint, "secret")
    elif bucket.key_file and (not is_path_segment(key) or key.startswith("..")):
        hint = "use letters, digits, dashes, dots and underscores; it can't begin with two dots"
        note(f"secretKey {quoted(key)} is not a key of a Secret", hint, "secretKey")
    elif key and bucket.store in VARIABLES:
        required, optional = VARIABLES[bucket.store]
        message = f"credentials: env reads a key of the Secret for each variable, so a bucket of {bucket.store} "
        hint = f"remove secretKey; the keys of the Secret are {', '.join(required)} and, if you need them, "
        note(f"{message}can't have secretKey", hint + ", ".join(optional), "secretKey")


def _check_json(bucket: Bucket, note: KeyReport) -> None:
    secret, secret_key = bucket.secret, bucket.secret_key
    if secret and not secret_key:
        note(
            "secret is set without secretKey",
            "set secretKey to the key of the Secret that contains the credentials as JSON",
            "secret",
        )
    if secret_key and not secret:
        hint = "set secret to the name of the Secret, or remove secretKey"
        note("secretKey is set without secret", hint, "secretKey")
    if secret_key and (not is_path_segment(secret_key) or secret_key[0] in DIGITS or secret_key.startswith("..")):
        message = (
            f"secretKey {quoted(secret_key)} is not a valid name of an environment variable, and the pod gets it as one"
        )
        hint = "use letters, digits, dashes, dots and underscores; the first character can't be a digit"
        note(message, hint, "secretKey")
    elif secret_key.startswith(OUR_PREFIXES):
        note(
            f"secretKey {quoted(secret_key)} begins with a prefix of the variables of polyaxon-persistence",
            "rename the key in the Secret and in secretKey",
            "secretKey",
        )
    elif secret_key in OTHERS_NAMES or secret_key.startswith(OTHERS_PREFIXES):
        message = f"secretKey {quoted(secret_key)} would replace a variable that programs need"
        note(message, "rename the key in the Secret and in secretKey, for example to s3-key.json", "secretKey")


def url_error(store: str, url: str) -> str:
    """Return the end of an error message about a bucket's URL; empty if all libraries read the URL in the same way."""
    scheme = STORES[store].partition("//")[0] + "//"
    if not url.startswith(scheme):
        return f"is not a URL of {store}"
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
    return "has a directory that is empty, . or .." if {"", ".", ".."} & set(segments) else ""
