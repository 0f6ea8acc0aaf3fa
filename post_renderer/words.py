"""The names that chart, renderer and users share."""

DOMAIN = "polyaxon.com"
PREFIX = DOMAIN + "/"
POLYAXONFILE = PREFIX + "polyaxonfile"
CONTAINERS = PREFIX + "containers"
RUN_FOLDER = PREFIX + "run-folder"
PROJECT = PREFIX + "project"
USER = PREFIX + "user"
RUN_POLICY = PREFIX + "run-policy"
BASE_NAME = PREFIX + "base-name"
ANNOTATIONS = (POLYAXONFILE, CONTAINERS, RUN_FOLDER, PROJECT, USER, RUN_POLICY, BASE_NAME)

CATALOG_LABEL = PREFIX + "catalog"
CATALOG_VERSION = "v1"
CATALOG_KEY = "persistence.yaml"
GATE = PREFIX + "needs-post-renderer"
RUN_LABEL = PREFIX + "run"  # our chart's name for a run
RELEASE_LABEL = "app.kubernetes.io/instance"
JOB_NAME_LABEL = "batch.kubernetes.io/job-name"
RESOURCE_LIST = ("config.kubernetes.io", "ResourceList")  # group and kind of what kustomize and kpt give to functions
