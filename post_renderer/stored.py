"""Volumes, mounts and variables as the API server stores them, for holding two of them against each other. Pure."""

from __future__ import annotations

from post_renderer.tree.values import Plain, is_string, read_bool

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.tree.values import Value

# What the API server writes where a field is missing (k8s.io/kubernetes, pkg/apis/core/v1/defaults.go); a field with a
# dot is one of that volume source alone.
DEFAULTS: dict[str, tuple[str, ...]] = {
    "readOnly": ("false",),
    "type": ("",),
    "subPath": ("",),
    "subPathExpr": ("",),
    "value": ("",),
    "medium": ("",),
    "optional": ("false",),
    "defaultMode": ("420",),
    "apiVersion": ("v1",),
    "volumeMode": ("Filesystem",),
    "expirationSeconds": ("3600",),
    "divisor": ("0",),
    "azureDisk.cachingMode": ("ReadWrite",),
    "azureDisk.fsType": ("ext4",),
    "azureDisk.kind": ("Shared",),
    "iscsi.iscsiInterface": ("default",),
    "rbd.pool": ("rbd",),
    "rbd.user": ("admin",),
    "rbd.keyring": ("/etc/ceph/keyring",),
    "scaleIO.storageMode": ("ThinProvisioned",),
    "scaleIO.fsType": ("xfs",),
}
OMITTED = ("metadata", "resources")  # the API server leaves them out, or in, when they are empty
MODES = ("defaultMode", "mode")
BINARY = {f"{letter}i": 1024**power for power, letter in enumerate("KMGTPE", 1)}
DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}


def stored(value: Value, key: str = "", under: str = "") -> Value:
    """A mount, a variable or a part of a volume without what is its default, numbers and booleans one way.

    ``key``: its own; ``under``: the key of the mapping that it stands in.
    """
    if isinstance(value, dict):
        fields = {name: stored(item, name, key) for name, item in value.items()}
        if key == "image":
            fields.setdefault("pullPolicy", _pull_policy(str(fields.get("reference"))))
        return {name: item for name, item in fields.items() if not _is_default(item, name, key)}
    if isinstance(value, list):
        return [stored(item, under=key) for item in value]
    if key == "value" and isinstance(value, Plain) and not is_string(value):
        return f"{value} (not a string)"
    if isinstance(value, bool | Plain) and (flag := read_bool(value)) is not None:
        return "true" if flag else "false"
    if not isinstance(value, str):
        return value
    if key in MODES:
        return _read_mode(value)
    if key == "sizeLimit" or under in ("requests", "limits"):
        return _read_quantity(value)
    return value.rstrip("/") if key == "mountPath" else value


def stored_volume(volume: dict[str, Value]) -> Value:
    """A volume; one without a source is an emptyDir."""
    sources = {key: stored(value, key) for key, value in volume.items() if value is not None}
    return sources if len(sources) > 1 else {**sources, "emptyDir": {}}


def _is_default(value: Value, key: str, under: str) -> bool:
    if value is None or value == [] or (value == {} and key in OMITTED):
        return True
    defaults = (*DEFAULTS.get(key, ()), *DEFAULTS.get(f"{under}.{key}", ()))
    return isinstance(value, str) and value in defaults


def _pull_policy(reference: str) -> str:
    """Kubernetes' default: what is called latest is looked for again."""
    name = reference.rpartition("/")[2]
    return "Always" if "@" not in name and (":" not in name or name.endswith(":latest")) else "IfNotPresent"


def _read_mode(text: str) -> str:
    """File modes are octal in YAML (0644, 0o644) and decimal in what the API server writes."""
    digits = text.removeprefix("0o")
    if digits.isdecimal() and (digits != text or (len(text) > 1 and text[0] == "0")) and not set(digits) & {"8", "9"}:
        return str(int(digits, 8))
    return text


def _read_quantity(text: str) -> str:
    """A quantity in billionths, rounded up as Kubernetes does (1024Mi and 1Gi are one); other text as it is."""
    number = text.rstrip("".join({*"".join(BINARY), *"".join(DECIMAL)}))
    suffix = text[len(number) :]
    mantissa, _, exponent = number.lower().partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = f"{whole}{fraction}"
    factor, power = BINARY.get(suffix, 1), DECIMAL.get(suffix, 0)
    known = suffix in BINARY or suffix in DECIMAL
    if not (known and digits.lstrip("+-").isdecimal() and len(digits) < 40 and _is_exponent(exponent)):
        return text
    power += int(exponent or 0) - len(fraction) + 9
    amount = int(digits) * factor
    return f"{amount * 10**power if power >= 0 else -(-amount // 10**-power)} billionths"


def _is_exponent(text: str) -> bool:
    return not text or (len(text) < 4 and text.lstrip("+-").isdecimal())
