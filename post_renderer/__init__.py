"""A Helm post-renderer: administrators name volumes once, and each run gets those that it asks for.

This table shows what happens to a stream, from top to bottom. Imports only lead down:

    cli                      runs a command line
    commands, integrations   one file for each: check, explain, verify, …; Argo CD, Flux, kustomize, Helm as a child
    render, migrate          the filter, from bytes to bytes; files of Polyaxon 0.x to today's values
    runs                     the manifest of a stream: its catalogs and the runs of each document
    inject                   the edits of a pod template, and the names of Jobs
    resolve                  the volumes, mounts and variables that a run gets
    catalog                  the named volumes
    request, workloads       what a run asks for; the pod templates of each kind of object
    yamledit, console        edits of text; options, reports and tables
    stream, yamltree         bytes and documents; a document as nodes
    problems, k8s, sha256    error codes and messages; names of Kubernetes; the hash
"""

__version__ = "0.2.0"
