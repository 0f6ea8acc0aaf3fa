{{/*
Writes the spec of a Job. Nothing in the spec may change with the chart's version or the release's revision, because the
post-renderer makes the Job's name from the spec. The spec ends in a plain scalar, because Helm 4 trims the newline of a
block scalar at the end of a document.
*/}}
{{- define "polyaxon-persistence.jobSpec" -}}
{{- $run := .run }}
{{- $spec := pick $run "activeDeadlineSeconds" "completionMode" "completions" "parallelism" "ttlSecondsAfterFinished" }}
{{- $_ := set $spec "backoffLimit" ($run.backoffLimit | default 0) }}
{{- if and $run.suspend (not $run.schedule) }}
{{- $_ := set $spec "suspend" true }}
{{- end }}
{{- include "polyaxon-persistence.block" $spec }}
template:
  {{- include "polyaxon-persistence.podTemplate" . | nindent 2 }}
{{- end }}

{{/*
Refuses an extra volume with the name of another volume, and an extra mount with the path of another mount. The other
one is in the same list, or is one of the chart (.extraVolumes, .extraVolumeMounts). Kubernetes would refuse such a pod
only later, when a controller makes it.
*/}}
{{- define "polyaxon-persistence.checkVolumes" -}}
{{- $path := include "polyaxon-persistence.runPath" . }}
{{- $own := dict "shm" (printf "%s.shm (to remove it, write {enabled: false})" $path) "run-files" (printf "%s.files" $path) }}
{{- range $field, $key := dict "extraVolumes" "name" "extraVolumeMounts" "mountPath" }}
{{- $taken := dict }}
{{- range get $ $field }}
{{- $_ := set $taken (get . $key) (get $own .name) }}
{{- end }}
{{- range get $.run $field | default list }}
{{- $item := get . $key | toString | clean }}
{{- with get $taken $item }}
{{- fail (printf "%s.%s: the %s %s is already used by %s: write another %s" $path $field $key $item . $key) }}
{{- end }}
{{- $_ := set $taken $item "another item of this list" }}
{{- end }}
{{- end }}
{{- end }}

{{- define "polyaxon-persistence.podTemplate" -}}
{{- $run := .run }}
{{- $labels := include "polyaxon-persistence.runLabels" . | fromJson }}
{{- if $run.rerun }}
{{- $_ := set $labels "polyaxon.com/rerun" ($run.rerun | int | toString) }}
{{- end }}
{{- $pod := pick $run "affinity" "imagePullSecrets" "nodeSelector" "priorityClassName" "runtimeClassName" "serviceAccountName" "tolerations" }}
{{- $_ := set $pod "automountServiceAccountToken" ($run.automountServiceAccountToken | default false) }}
{{- with $run.podSecurityContext }}
{{- $_ := set $pod "securityContext" . }}
{{- end }}
{{- $container := merge (dict "name" "main") (pick $run "args" "command" "env" "envFrom" "image" "imagePullPolicy" "ports" "resources" "securityContext" "workingDir") }}
{{- range $probe := list "startupProbe" "readinessProbe" "livenessProbe" }}
{{- with get $run $probe }}
{{- $_ := set $container $probe . }}
{{- end }}
{{- end }}
{{- $mounts := list }}
{{- $volumes := list }}
{{- if $run.files }}
{{- $files := dict }}
{{- include "polyaxon-persistence.filesVolume" (set . "into" $files) }}
{{- $mounts = $files.volumeMounts }}
{{- $volumes = $files.volumes }}
{{- if not (hasKey $run "workingDir") }}
{{- $_ := set $container "workingDir" "/code" }}
{{- end }}
{{- end }}
{{- $shm := $run.shm | default dict }}
{{- if ne (toString (dig "enabled" true $shm)) "false" }}
{{- $memory := merge (dict "medium" "Memory") (pick $shm "sizeLimit") }}
{{- $mounts = append $mounts (dict "name" "shm" "mountPath" "/dev/shm") }}
{{- $volumes = append $volumes (dict "name" "shm" "emptyDir" $memory) }}
{{- end }}
{{- include "polyaxon-persistence.checkVolumes" (dict "root" .root "name" .name "run" $run "extraVolumes" $volumes "extraVolumeMounts" $mounts) }}
{{- with concat $mounts ($run.extraVolumeMounts | default list) }}
{{- $_ := set $container "volumeMounts" . }}
{{- end -}}
metadata:
  labels:
    {{- include "polyaxon-persistence.block" (merge $labels ($run.podLabels | default dict)) | nindent 4 }}
  {{- with $run.podAnnotations }}
  annotations:
    {{- include "polyaxon-persistence.block" . | nindent 4 }}
  {{- end }}
spec:
  {{- if ne (toString (dig "enabled" true (.root.Values.guard | default dict))) "false" }}
  schedulingGates:
  - name: polyaxon.com/needs-post-renderer
  {{- end }}
  {{- include "polyaxon-persistence.block" $pod | nindent 2 }}
  {{- with $run.initContainers }}
  initContainers:
  {{- include "polyaxon-persistence.block" . | nindent 2 }}
  {{- end }}
  containers:
  {{- include "polyaxon-persistence.block" (list $container) | nindent 2 }}
  {{- with concat $volumes ($run.extraVolumes | default list) }}
  volumes:
  {{- include "polyaxon-persistence.block" . | nindent 2 }}
  {{- end }}
  restartPolicy: {{ ternary "Always" "Never" (eq (include "polyaxon-persistence.isServed" .) "true") }}
{{- end }}
