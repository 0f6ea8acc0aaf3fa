"""Renders the name of one Job."""

from __future__ import annotations

JOB = """\
---
# Source: chart/templates/runs.yaml
apiVersion: batch/v1
kind: Job
metadata:
  name: train
  labels:
    helm.sh/chart: chart-0.1.0
  annotations:
    polyaxon.com/run-policy: keep
    polyaxon.com/polyaxonfile: |
      kind: experiment
      environment:
        persistence: {}
spec:
  suspend: false
  parallelism: 1
  backoffLimit: 0
  activeDeadlineSeconds: 60
  ttlSecondsAfterFinished: 60
  podReplacementPolicy: Failed
  maxFailedIndexes: 1
  completions: 1
  template:
    metadata:
      labels:
        team: vision
    spec:
      restartPolicy: Never
      containers:
      - name: main
        image: "python:3.12-slim"
        command: [python, train.py]
        env:
        - name: EPOCHS
          value: "10"
        resources:
          limits: {memory: 4Gi}
"""


def edited(*pairs: tuple[str, str]) -> str:
    text = JOB
    for old, new in pairs:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text
