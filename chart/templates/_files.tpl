{{/*
The ConfigMap with the small programs of a run (.run.files) is named by its content. So a changed file changes the pod, and a
kept Job keeps its own ConfigMap. The members of a grid share one.
*/}}
{{- define "polyaxon-persistence.filesName" -}}
{{- $shared := dig "grid" "shared" dict .run }}
{{- if not $shared.filesName }}
{{- $name := include "polyaxon-persistence.name" (dict "root" .root "name" .name "run" (omit .run "grid")) }}
{{- $_ := set $shared "filesName" (printf "%s-%s" $name (toRawJson .run.files | sha256sum | trunc 10)) }}
{{- end }}
{{- $shared.filesName }}
{{- end }}

{{- define "polyaxon-persistence.filesConfigMap" -}}
{{- if .run.files }}
{{- $run := omit .run "grid" }}
{{- with .run.grid }}
{{- $_ := set $run "grid" (pick . "group") }}
{{- end }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "polyaxon-persistence.filesName" . | toJson }}
  namespace: {{ toJson .root.Release.Namespace }}
  labels:
    {{- include "polyaxon-persistence.labels" (dict "root" .root "name" .name "run" $run) | fromJson | include "polyaxon-persistence.block" | nindent 4 }}
  {{- if eq (include "polyaxon-persistence.isKept" .) "true" }}
  annotations:
    helm.sh/resource-policy: keep
    argocd.argoproj.io/sync-options: Prune=false
    argocd.argoproj.io/compare-options: IgnoreExtraneous
  {{- end }}
data:
  {{- include "polyaxon-persistence.block" .run.files | nindent 2 }}
immutable: true
{{- end }}
{{- end }}

{{/*
Reads: .root, .name, .run. Writes: .into.volumes, .into.volumeMounts. Each file of a run has its own mount, so that files of
the image in /code stay visible.
*/}}
{{- define "polyaxon-persistence.filesVolume" -}}
{{- $mounts := list }}
{{- range $file, $_ := .run.files }}
{{- $mounts = append $mounts (dict "name" "run-files" "mountPath" (printf "/code/%s" $file) "subPath" $file "readOnly" true) }}
{{- end }}
{{- $source := dict "name" (include "polyaxon-persistence.filesName" .) "defaultMode" 365 }}
{{- $_ := set .into "volumes" (list (dict "name" "run-files" "configMap" $source)) }}
{{- $_ := set .into "volumeMounts" $mounts }}
{{- end }}

{{/* Refuses files that a run can't have. The members of a grid have the same files, so only those of the first are read. */}}
{{- define "polyaxon-persistence.checkFiles" -}}
{{- $shared := dig "grid" "shared" dict .run }}
{{- if not $shared.filesAreChecked }}
{{- $where := printf "%s.files" (include "polyaxon-persistence.runPath" .) }}
{{- $size := 0 }}
{{- range $file, $text := .run.files }}
{{- if or (not (regexMatch "^[-._a-zA-Z0-9]{1,253}$" $file)) (has $file (list "." "..")) }}
{{- fail (printf "%s: %s is not the name of a file in /code: use letters, digits, dots, dashes and underscores, and no directories; put code with directories into the image" $where (toJson $file)) }}
{{- end }}
{{- if regexMatch "(^|[^\\\\])(\\\\\\\\)*\\\\ufffd" (toRawJson $text) }}
{{- fail (printf "%s: %s is not UTF-8 text: put it into the image" $where $file) }}
{{- end }}
{{- $size = add $size (len $file) (len $text) }}
{{- end }}
{{- if gt (int $size) 1048576 }}
{{- fail (printf "%s: the files have %d bytes together, but the limit is 1048576, because they are in one ConfigMap: put the code into the image" $where $size) }}
{{- end }}
{{- if and .run.files (regexMatch "pre-(install|upgrade|rollback)|post-delete" (.run.hook | default "")) }}
{{- fail (printf "%s: the ConfigMap of the files does not exist when a hook %s runs: write hook: post-install,post-upgrade, or put the code into the image" $where .run.hook) }}
{{- end }}
{{- $_ := set $shared "filesAreChecked" true }}
{{- end }}
{{- end }}
