"""Applies the API server's defaults, so that two volumes, mounts or variables can be compared."""

from __future__ import annotations

from post_renderer.k8s import parse_uint
from post_renderer.yamltree.node import is_string, read_bool
from post_renderer.yamltree.plain_scalar import PlainScalar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.yamltree.node import Value

# field -> the values that mean the same as a missing field for the API server (k8s.io/kubernetes,
# pkg/apis/core/v1/defaults.go). A field after a dot is only the field of that volume source.
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
LARGEST_EXPONENT = 999  # larger than the exponent of any real quantity, and small enough for fast computation
OMITTED = ("metadata", "resources")  # if they are empty, the API server may keep or remove them
MODE_FIELDS = ("defaultMode", "mode")
BINARY = {f"{letter}i": 1024**power for power, letter in enumerate("KMGTPE", 1)}
DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}


def stored(value: Value, key: str = "", under: str = "") -> Value:
    """Return a mount, a variable or a part of a volume, without default values and with equal numbers as equal text.

    ``key``: the key of ``value``. ``under``: the key of the mapping that contains ``key``.
    """
    if isinstance(value, dict):
        fields = {name: stored(item, name, key) for name, item in value.items()}
        if key == "image":
            fields.setdefault("pullPolicy", _pull_policy(str(fields.get("reference"))))
        return {name: item for name, item in fields.items() if not _is_default(item, name, key)}
    if isinstance(value, list):
        return [stored(item, under=key) for item in value]
    return _stored_scalar(value, key, under)


def _stored_scalar(value: str | bool | None, key: str, under: str) -> Value:
    if key == "value" and isinstance(value, PlainScalar) and not is_string(value):
        return f"{value} (not a string)"
    if isinstance(value, bool | PlainScalar) and (flag := read_bool(value)) is not None:
        return "true" if flag else "false"
    if not isinstance(value, str):
        return value
    if key in MODE_FIELDS:
        return _read_mode(value)
    if key == "sizeLimit" or under in ("requests", "limits"):
        return _read_quantity(value)
    return value.rstrip("/") if key == "mountPath" else value


def stored_volume(volume: dict[str, Value]) -> Value:
    """Return a volume like `stored`. A volume without a source is an emptyDir, because the API server makes it one."""
    sources = {key: stored(value, key) for key, value in volume.items() if value is not None}
    return sources if len(sources) > 1 else {**sources, "emptyDir": {}}


def _is_default(value: Value, key: str, under: str) -> bool:
    if value is None or value == [] or (value == {} and key in OMITTED):
        return True
    defaults = (*DEFAULTS.get(key, ()), *DEFAULTS.get(f"{under}.{key}", ()))
    return isinstance(value, str) and value in defaults


def _pull_policy(reference: str) -> str:
    """Return the default pull policy of Kubernetes: Always for the tag latest or no tag, else IfNotPresent."""
    name = reference.rpartition("/")[2]
    return "Always" if "@" not in name and (":" not in name or name.endswith(":latest")) else "IfNotPresent"


def _read_mode(text: str) -> str:
    """Return a file mode in decimal, as the API server writes it. YAML may have it in octal: 0644 or 0o644."""
    digits = text.removeprefix("0o")
    is_octal = digits != text or (len(text) > 1 and text[0] == "0")
    mode = parse_uint(digits, 8) if is_octal else None
    return text if mode is None else str(mode)


def _read_quantity(text: str) -> str:
    """Return a quantity in billionths, rounded up like Kubernetes: 1024Mi equals 1Gi. Return other text unchanged."""
    number = text.rstrip("".join({*"".join(BINARY), *"".join(DECIMAL)}))
    suffix = text[len(number) :]
    mantissa, _, exponent = number.lower().partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = _read_signed(f"{whole}{fraction}")
    shift = _read_signed(exponent or "0")
    factor, power = BINARY.get(suffix, 1), DECIMAL.get(suffix, 0)
    known = suffix in BINARY or suffix in DECIMAL
    if not known or digits is None or shift is None or abs(shift) > LARGEST_EXPONENT:
        return text
    power += shift - len(fraction) + 9
    amount = digits * factor
    return f"{amount * 10**power if power >= 0 else -(-amount // 10**-power)} billionths"


def _read_signed(text: str) -> int | None:
    number = parse_uint(text[1:] if text[:1] in ("+", "-") else text)
    return -number if number and text[0] == "-" else number
