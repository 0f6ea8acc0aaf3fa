"""Checks each Helm on PATH for ``doctor``: its version, its plugins directory, and the plugin in it."""

from __future__ import annotations

import os
import shlex
from shutil import which
from typing import NamedTuple

from post_renderer import __version__
from post_renderer.console import UsageError
from post_renderer.integrations.doctor_row import ERROR, OK, WARNING, Row, ask, read_mapping, read_numbers
from post_renderer.integrations.helm_binary import find_helm
from post_renderer.problems import YamlError
from post_renderer.yamltree import scalar_text

NAME = "polyaxon-persistence"
OLDEST = {3: (3, 22), 4: (4, 2)}
SUPPORTED = "install Helm 3.22 or a later Helm 3, or Helm 4.2 or later"
OTHER_NAMES = ("helm3", "helm4")  # under which a second Helm is often installed
LINKS = (NAME, "post_renderer")  # Helm 4 names the link in the plugins directory after the installed directory
PLUGINS_VARIABLE = "HELM_PLUGINS"
INSTALL = f'helm plugin install "$({NAME} plugin-dir)"'


class Helm(NamedTuple):
    """One Helm. ``version`` is empty if the program does not answer."""

    path: str
    version: str
    directories: list[str]

    def major(self) -> int:
        return read_numbers(self.version)[0]


class Plugin(NamedTuple):
    """One entry of a plugins directory. ``is_gone``: it is a link, and its target does not exist."""

    path: str
    name: str
    version: str
    is_for_helm4: bool
    is_gone: bool


def check_helms() -> list[Row]:
    """Return the rows about the Helm that polyaxon-persistence finds, and about helm3 and helm4 on PATH."""
    rows: list[Row] = []
    paths: list[str] = []
    environment = dict(os.environ)
    try:
        path, environment = find_helm()
        paths.append(path)
    except UsageError as error:
        rows.append(Row("helm", ERROR, error.message, error.hint))
    for name in OTHER_NAMES:
        other = which(name)
        if other and os.path.realpath(other) not in map(os.path.realpath, paths):
            paths.append(other)
    for path in paths:
        helm = _ask_helm(path, environment)
        rows.append(_check_version(helm))
        if helm.major() in OLDEST:
            rows += _check_plugin(helm)
    return rows


def _ask_helm(path: str, environment: dict[str, str]) -> Helm:
    version = ask([path, "version", "--template", "{{.Version}}"], environment)
    directories = ask([path, "env", PLUGINS_VARIABLE], environment)
    return Helm(path, version, [name for name in directories.split(os.pathsep) if name])


def _check_version(helm: Helm) -> Row:
    if not helm.version:
        return Row("helm", ERROR, f"{helm.path} does not print its version", SUPPORTED)
    numbers = read_numbers(helm.version)
    message = f"Helm {helm.version}, {helm.path}"
    if helm.major() not in OLDEST:
        return Row("helm", ERROR, f"{message}: this version is not supported", SUPPORTED)
    if numbers < OLDEST[helm.major()]:
        return Row("helm", ERROR, f"{message}: this version is too old", SUPPORTED)
    return Row("helm", OK, message)


def _check_plugin(helm: Helm) -> list[Row]:
    plugins = [plugin for directory in helm.directories for plugin in _read_plugins(directory)]
    where = " and ".join(helm.directories) or "a plugins directory"
    if helm.major() == 3:
        return [_check_helm3(helm, plugins, where)]
    rows = [_describe_gone(plugin) for plugin in plugins if plugin.is_gone and os.path.basename(plugin.path) in LINKS]
    found = [plugin for plugin in plugins if plugin.name == NAME]
    if not found:
        if not rows:
            rows.append(Row("plugin", ERROR, f"Helm 4 finds no plugin {NAME} in {where}", _how_to_install(helm)))
        return rows
    if len(found) > 1:
        message = f"Helm 4 finds several plugins {NAME}: {' and '.join(plugin.path for plugin in found)}"
        return [*rows, Row("plugin", ERROR, message, f"remove {' or '.join(plugin.path for plugin in found)}")]
    (plugin,) = found
    message = f"plugin {plugin.version}, {plugin.path}"
    if plugin.version != __version__:
        remedy = f"run helm plugin uninstall {NAME}, and then {INSTALL}"
        return [*rows, Row("plugin", WARNING, f"{message}: the program has version {__version__}", remedy)]
    return [*rows, Row("plugin", OK, message)]


def _how_to_install(helm: Helm) -> str:
    """Return a remedy. `helm plugin install` of a directory ignores HELM_PLUGINS, which Helm searches for plugins."""
    if os.environ.get(PLUGINS_VARIABLE) and helm.directories:
        link = os.path.join(helm.directories[0], NAME)
        return f'run ln -s "$({NAME} plugin-dir)" {shlex.quote(link)}, or unset {PLUGINS_VARIABLE} and run {INSTALL}'
    return f"run {INSTALL}"


def _describe_gone(plugin: Plugin) -> Row:
    message = f"{plugin.path} is a link to {os.readlink(plugin.path)}, which does not exist"
    return Row("plugin", ERROR, message, f"remove this link, and run {INSTALL}")


def _check_helm3(helm: Helm, plugins: list[Plugin], where: str) -> Row:
    """Helm 3 and Helm 4 have the same default plugins directory. Helm 3 then reads the plugins of Helm 4, and fails."""
    others = [plugin.path for plugin in plugins if plugin.is_for_helm4]
    if others:
        message = f"{helm.path} loads no plugins at all, because {' and '.join(others)} is for Helm 4"
        remedy = f"remove it, set another HELM_DATA_HOME for Helm 4, and run {INSTALL} there; Helm 3 needs no plugin"
        return Row("plugin", ERROR, message, remedy)
    return Row("plugin", OK, f"Helm 3 needs no plugin, and {where} has none of Helm 4")


def _read_plugins(directory: str) -> list[Plugin]:
    """Return the plugins in a directory, as both Helms search it: `*/plugin.yaml`, one level deep."""
    try:
        names = sorted(os.listdir(directory))
    except OSError:
        return []  # Helm creates the directory with the first plugin
    found = []
    for name in names:
        path = os.path.join(directory, name)
        is_gone = os.path.islink(path) and not os.path.exists(path)
        root = read_mapping(os.path.join(path, "plugin.yaml"))
        if is_gone or root is not None:
            try:
                fields = [scalar_text(root.get(key)) or "" if root else "" for key in ("name", "version", "apiVersion")]
            except YamlError:
                continue  # not a plugin that a Helm can load
            found.append(Plugin(path, fields[0], fields[1], bool(fields[2]), is_gone))
    return found
