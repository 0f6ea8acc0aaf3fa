"""Reads and checks one entry of the catalog: a named volume or a bucket."""

from __future__ import annotations

from post_renderer.k8s import is_dns_label, is_dns_subdomain, path_error, relative_path_error
from post_renderer.problems import list_names, quoted, suggest
from post_renderer.yamltree.node import is_string, read_bool

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from post_renderer.catalog.bucket import Bucket
    from post_renderer.problems import KeyReport
    from post_renderer.yamltree.node import Value

# The roles of entries: what runs read, and what runs write.
DATA: Final = "data"
OUTPUTS: Final = "outputs"
SOURCES: Final = ("hostPath", "existingClaim", "volumeSource")
BUCKET_KEYS: Final = ("store", "bucket", "secret", "secretKey", "credentials")
KEYS: Final = ("mountPath", *SOURCES, "create", "hostPathType", "readOnly", "subPath", "accessModes", "description")
OUTPUTS_KEYS: Final = ("createRunFolder",)
# Keys that volumes and buckets have, and what to write in a bucket instead of a key that only volumes have.
SHARED_KEYS: Final = ("readOnly", "description")
INSTEAD: Final = {"subPath": "write the directory at the end of the bucket's URL"}
HOST_PATH_TYPES: Final = (
    "", "DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice", "BlockDevice"
)  # fmt: skip
# The volume sources of Kubernetes 1.27 to 1.37 (fields of core/v1 Volume).
VOLUME_SOURCES: Final = frozenset(
    """awsElasticBlockStore azureDisk azureFile cephfs cinder configMap csi downwardAPI emptyDir ephemeral fc flexVolume
    flocker gcePersistentDisk gitRepo glusterfs hostPath image iscsi nfs persistentVolumeClaim photonPersistentDisk
    portworxVolume projected quobyte rbd scaleIO secret storageos vsphereVolume""".split()
)
WORDS_OF_HELM: Final = frozenset(("true", "false"))  # Helm changes unquoted names such as on and off to true and false
# Kubernetes always mounts these read-only.
NEVER_WRITABLE: Final = frozenset(("configMap", "secret", "downwardAPI", "projected", "image"))
ONCE: Final = "ReadWriteOnce"
ONCE_POD: Final = "ReadWriteOncePod"
READ_ONLY: Final = "ReadOnlyMany"
ANY: Final = "ReadWriteMany"
ACCESS_MODES: Final = (ONCE, ONCE_POD, READ_ONLY, ANY)


class PathTemplate:
    """A relative path with placeholders, such as ``{namespace}/{name}``.

    ``parts``: pairs of a text and a boolean: (literal text, False) or (name of a placeholder, True).
    """

    __slots__ = ("parts",)

    def __init__(self, parts: list[tuple[str, bool]]) -> None:
        self.parts = parts

    def placeholders(self) -> set[str]:
        return {part for part, is_placeholder in self.parts if is_placeholder}

    def fill(self, values: dict[str, str]) -> str:
        """Return a path that the kubelet expands: ``$`` is doubled in literal text, but not in ``values``."""
        return "".join(values[part] if placeholder else double_dollars(part) for part, placeholder in self.parts)


def double_dollars(text: str) -> str:
    """Return ``text`` with every ``$`` doubled: the kubelet expands ``$(NAME)``, and changes ``$$`` back to ``$``."""
    return text.replace("$", "$$")


class Entry:
    """One entry of a catalog: a named volume, or a bucket, which no pod mounts.

    ``role``: data or outputs.
    ``source``: the volume source, as a dict with the keys of Kubernetes' Volume; empty for a bucket.
    ``claim``: the name of the PersistentVolumeClaim; empty for other volume sources.
    ``access_modes``: the access modes of the claim; empty if the catalog does not contain them.
    ``bucket``: None for a volume.
    ``sub_path``: the directory of the volume that is mounted; empty for the whole volume.
    ``sub_path_template``: the parsed ``sub_path`` of a data entry, if it has placeholders; else None.
    """

    __slots__ = (
        "access_modes", "bucket", "claim", "create_run_folder", "description", "mount_path", "name", "read_only",
        "role", "source", "sub_path", "sub_path_template"
    )  # fmt: skip

    def __init__(self, name: str, role: str) -> None:
        self.name = name
        self.role = role
        self.mount_path = ""
        self.read_only = False
        self.sub_path = ""
        self.sub_path_template: PathTemplate | None = None
        self.description = ""
        self.create_run_folder = True
        self.source: dict[str, Value] = {}
        self.claim = ""
        self.access_modes: list[str] = []
        self.bucket: Bucket | None = None

    def path(self) -> str:
        """Return the path that a program gets: the mount path of a volume, or the URL of a bucket."""
        return self.bucket.url if self.bucket else self.mount_path

    def storage(self) -> str:
        """Return a text that is equal for all entries on the same storage; empty if each pod has its own storage."""
        if self.bucket:
            return self.bucket.url.rstrip("/")
        if self.source.keys() & {"emptyDir", "ephemeral"}:
            return ""
        host_path = self.source.get("hostPath")
        return self.claim or str(host_path["path"] if isinstance(host_path, dict) else self.source)


def _has_read_only_source(source: Value) -> bool:
    """Return whether Kubernetes mounts a volume source read-only: because of its type, or of its field ``readOnly``."""
    if not isinstance(source, dict):
        return False
    fields = [fields for fields in source.values() if isinstance(fields, dict)]
    return not NEVER_WRITABLE.isdisjoint(source) or any(read_bool(field.get("readOnly")) is True for field in fields)


def name_error(name: str) -> str:
    """Return a hint about an invalid name of an entry; empty if the name is valid, also as a volume's name in a pod."""
    if name in WORDS_OF_HELM:
        return "choose another name: Helm reads an unquoted on, off, yes, no, y or n as true or false"
    if not is_dns_label(name):
        return "write a DNS label: at most 63 lower-case letters, digits and dashes, such as data-1"
    return ""


def read_entry(name: str, role: str, values: Value, report: KeyReport) -> Entry:
    """Return an entry, and report all errors in ``values``. A field with the wrong type keeps its default."""
    entry = Entry(name, role)
    if not isinstance(values, dict):
        report(
            "an entry must be a mapping", f"write {name}: {{mountPath: /{role}/{name}, existingClaim: my-claim}}", ""
        )
        return entry
    entry.read_only = _read_flag(values, "readOnly", report, default=False)
    entry.description = _read_text(values, "description", report)
    if any(key in values for key in BUCKET_KEYS):
        from post_renderer.catalog.bucket import read_bucket  # most catalogs have no buckets

        _check_bucket_keys(values, report)
        texts = {key: _read_text(values, key, report) for key in BUCKET_KEYS}
        entry.bucket = read_bucket(texts, report)
    else:
        _read_volume(entry, values, report)
    return entry


def _read_volume(entry: Entry, values: dict[str, Value], note: KeyReport) -> None:
    _check_entry_keys(values, entry.role, note)
    entry.mount_path = _read_path(values, "mountPath", note)
    if entry.mount_path == "/polyaxon" or entry.mount_path.startswith("/polyaxon/"):
        note(
            f"mountPath {quoted(entry.mount_path)} is below /polyaxon, which is reserved",
            "choose another path",
            "mountPath",
        )
    entry.read_only = entry.read_only or _has_read_only_source(values.get("volumeSource"))
    entry.create_run_folder = _read_flag(values, "createRunFolder", note, default=True)
    entry.sub_path = _read_text(values, "subPath", note)
    _check_sub_path(entry, note)
    _read_source(entry, values, note)
    if "accessModes" in values:
        read_access_modes(entry, values["accessModes"], note)


def _check_sub_path(entry: Entry, note: KeyReport) -> None:
    if set("{}").isdisjoint(entry.sub_path):
        if entry.sub_path and (reason := relative_path_error(entry.sub_path)):
            note(f"subPath {quoted(entry.sub_path)} {reason}", "write a relative path such as team-a/data", "subPath")
    elif entry.role == OUTPUTS:
        note(
            f"subPath {quoted(entry.sub_path)} has a brace, but only data entries can have placeholders",
            "remove the braces, or write the placeholder in runFolder",
            "subPath",
        )
    else:
        from post_renderer.catalog.path_template import (  # few entries have one
            SUB_PATH_PLACEHOLDERS,
            read_path_template,
        )

        parts, error = read_path_template(entry.sub_path, SUB_PATH_PLACEHOLDERS)
        entry.sub_path_template = PathTemplate(parts)
        if error:
            hint = (
                "write a relative path with the placeholders {namespace}, {project} or {user}, such as {project}/data"
            )
            note(f"subPath {error}", hint, "subPath")


def _check_entry_keys(values: dict[str, Value], role: str, note: KeyReport) -> None:
    known = (*KEYS, *OUTPUTS_KEYS) if role == OUTPUTS else KEYS
    for key in values:
        if key in OUTPUTS_KEYS and role == DATA:
            note(f"{key} is for outputs entries only", f"remove {key}", key)
        elif key not in known:
            note(f"unknown key {quoted(key)}", suggest(key, (*known, *BUCKET_KEYS)), key)


def _check_bucket_keys(values: dict[str, Value], note: KeyReport) -> None:
    mark = next(key for key in BUCKET_KEYS if key in values)
    for key in values:
        if key in BUCKET_KEYS or key in SHARED_KEYS:
            continue
        if key in KEYS or key in OUTPUTS_KEYS:
            hint = INSTEAD.get(key, f"remove {key}: only volumes have it")
            note(f"{mark} makes this entry a bucket, which no pod mounts: a bucket can't have {key}", hint, key)
        else:
            note(f"unknown key {quoted(key)}", suggest(key, (*BUCKET_KEYS, *SHARED_KEYS)), key)


def _read_source(entry: Entry, values: dict[str, Value], note: KeyReport) -> None:
    given = [key for key in SOURCES if key in values]
    # The chart creates the claim, and replaces create by existingClaim. With existingClaim, create has no effect.
    if "create" in values and given != ["existingClaim"]:
        hint = "create the claim yourself and write existingClaim; or write create in the values of the chart"
        note("only the values of the chart can create a claim", hint, "create")
        return
    if len(given) != 1:
        what = " and ".join(given) if given else "no source"
        hint = f"write one of {', '.join(SOURCES)}; for a bucket, write store and bucket without mountPath"
        note(
            f"an entry must have exactly one source, but this entry has {what}",
            hint,
            next((key for key in reversed(values) if key in given), ""),
        )
        return
    if "hostPathType" in values and given != ["hostPath"]:
        note("hostPathType is for entries with hostPath only", "remove hostPathType", "hostPathType")
    if given == ["hostPath"]:
        _read_host_path(entry, values, note)
    elif given == ["existingClaim"]:
        entry.claim = _read_text(values, "existingClaim", note)
        if entry.claim == values["existingClaim"] and not is_dns_subdomain(entry.claim):
            note(
                f"existingClaim {quoted(entry.claim)} is not the name of a claim",
                "write the name of a PersistentVolumeClaim",
                "existingClaim",
            )
        entry.source = {"persistentVolumeClaim": {"claimName": entry.claim}}
    else:
        _read_volume_source(entry, values["volumeSource"], note)


def _read_host_path(entry: Entry, values: dict[str, Value], note: KeyReport) -> None:
    source: dict[str, Value] = {"path": _read_path(values, "hostPath", note)}
    kind = _read_text(values, "hostPathType", note)
    if kind not in HOST_PATH_TYPES:
        note(f"unknown hostPathType {quoted(kind)}", suggest(kind, HOST_PATH_TYPES[1:]), "hostPathType")
    if kind or "hostPathType" in values:
        source["type"] = kind
    elif entry.role == OUTPUTS and not entry.read_only:
        source["type"] = "DirectoryOrCreate"
    entry.source = {"hostPath": source}


def _read_volume_source(entry: Entry, source: Value, report: KeyReport) -> None:
    def note(message: str, hint: str, _: str = "") -> None:
        report(message, hint, "volumeSource")

    if not isinstance(source, dict) or len(source) != 1:
        kinds = list(map(str, source)) if isinstance(source, dict) else []
        if isinstance(source, str) and source in VOLUME_SOURCES:
            kinds = [source]
        hint = f"write volumeSource: {{{kinds[0] if kinds else 'TYPE'}: {{…}}}}, as in a pod"
        if len(kinds) > 1:
            hint = f"keep one of {list_names(kinds)}"
        note("volumeSource must have exactly one Kubernetes volume source", hint)
        return
    ((kind, fields),) = source.items()
    if kind not in VOLUME_SOURCES:
        note(f"{quoted(kind)} is not a volume source of Kubernetes", suggest(kind, VOLUME_SOURCES))
    elif not isinstance(fields, dict):
        note(f"the volume source {kind} must be a mapping", f"write volumeSource: {{{kind}: {{}}}}")
    else:
        if kind == "hostPath":
            _read_path(fields, "path", note)
        elif kind == "persistentVolumeClaim" and not is_dns_subdomain(_read_text(fields, "claimName", note)):
            note(
                "persistentVolumeClaim needs the name of a claim",
                "write volumeSource: {persistentVolumeClaim: {claimName: my-claim}}",
            )
        entry.source = {kind: fields}
        claim = fields.get("claimName") if kind == "persistentVolumeClaim" else None
        if isinstance(claim, str):
            entry.claim = claim


def _read_text(values: dict[str, Value], key: str, note: KeyReport) -> str:
    value = values.get(key, "")
    if isinstance(value, str) and is_string(value):
        return str(value)
    note(f"{key} must be a string", f"write the value of {key} as a string in quotes", key)
    return ""


def _read_path(values: dict[str, Value], key: str, note: KeyReport) -> str:
    if key not in values:
        note(f"{key} is missing", f"write {key}: /some/path", key)
        return ""
    path = _read_text(values, key, note)
    if path and (reason := path_error(path)):
        parts = [part for part in path.split("/") if part not in ("", ".", "..")]
        better = "/" + "/".join(parts).replace(":", "-")
        hint = f"write a path such as {'/data' if path_error(better) else better}"
        note(f"{key} {quoted(path)} {reason}", hint, key)
    elif values[key] == "":
        note(f"{key} is empty", f"write {key}: /some/path", key)
    return path


def _read_flag(values: dict[str, Value], key: str, note: KeyReport, *, default: bool) -> bool:
    if key not in values:
        return default
    flag = read_bool(values[key])
    if flag is None:
        note(f"{key} must be true or false, without quotes", f"write {key}: true or {key}: false", key)
        return default
    return flag


def read_access_modes(entry: Entry, values: Value, note: KeyReport) -> None:
    """Set the access modes of the entry's claim, and report errors in ``values``."""
    if not entry.claim:
        note("accessModes are for claims only", "remove accessModes, or write existingClaim", "accessModes")
    elif not isinstance(values, list) or not values:
        mode = values if values in ACCESS_MODES else ONCE
        note("accessModes must be a list of the claim's modes", f"write accessModes: [{mode}]", "accessModes")
    else:
        modes = [mode if isinstance(mode, str) else "" for mode in values]
        for mode in modes:
            if mode not in ACCESS_MODES:
                note(f"unknown access mode {quoted(mode)}", suggest(mode, ACCESS_MODES), "accessModes")
        entry.access_modes = modes
