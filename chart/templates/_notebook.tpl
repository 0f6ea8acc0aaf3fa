{{/* Writes a map: kind that has a Service -> its port, and the path that answers when the server is ready. */}}
{{- define "polyaxon-persistence.servedKinds" -}}
notebook: {port: 8888, ready: api}
tensorboard: {port: 6006, ready: ""}
{{- end }}

{{- define "polyaxon-persistence.isServed" -}}
{{- hasKey (include "polyaxon-persistence.servedKinds" . | fromYaml) (.run.polyaxonfile.kind | default "job") }}
{{- end }}

{{/* Reads: .root, .name, .given. Writes: .into, the run, if it is a notebook or a tensorboard; else nothing. */}}
{{- define "polyaxon-persistence.servedRun" -}}
{{- if kindIs "map" .given }}
{{- $file := dict }}
{{- include "polyaxon-persistence.layerPolyaxonfile" (dict "root" .root "name" .name "given" .given "into" $file) }}
{{- if eq (include "polyaxon-persistence.isServed" (dict "run" (dict "polyaxonfile" $file))) "true" }}
{{- include "polyaxon-persistence.run" . }}
{{- end }}
{{- end }}
{{- end }}

{{/* The name of a Service must begin with a letter, but the name of a release may begin with a digit. */}}
{{- define "polyaxon-persistence.serviceName" -}}
{{- $name := include "polyaxon-persistence.name" . }}
{{- ternary (printf "s-%s" $name) $name (regexMatch "^[0-9]" $name) }}
{{- end }}

{{/*
Reads: .given. Writes: .run. Some keys are only for some kinds of runs. In a run of another kind, refuses such a key of
the run, and removes such a key of runDefaults.
*/}}
{{- define "polyaxon-persistence.checkKind" -}}
{{- $run := .run }}
{{- $kind := $run.polyaxonfile.kind | default "job" }}
{{- $jobs := list "experiment" "job" }}
{{- $served := list "notebook" "tensorboard" }}
{{- $keys := dict "policy" $jobs "rerun" $jobs "schedule" $jobs "timeZone" $jobs "hook" $jobs "backoffLimit" $jobs "activeDeadlineSeconds" $jobs
      "parallelism" $jobs "completions" $jobs "completionMode" $jobs "ttlSecondsAfterFinished" $jobs
      "port" $served "service" $served "ingress" $served "startupProbe" $served "readinessProbe" $served "livenessProbe" $served
      "tokenSecret" (list "notebook") }}
{{- range $key, $kinds := $keys }}
{{- if not (has $kind $kinds) }}
{{- if get $.given $key }}
{{- fail (printf "%s.%s is only for the kind%s %s, but this run has the kind %s: remove the key" (include "polyaxon-persistence.runPath" $) $key (ternary "s" "" (gt (len $kinds) 1)) (join " and " $kinds) $kind) }}
{{- end }}
{{- $_ := unset $run $key }}
{{- end }}
{{- end }}
{{- end }}

{{/* Writes the path of the run's Ingress without its last slash. The server gets it as the prefix of all its paths. */}}
{{- define "polyaxon-persistence.basePath" -}}
{{- $ingress := .run.ingress | default dict }}
{{- if $ingress.enabled }}
{{- $path := $ingress.path | default "/" }}
{{- if not (regexMatch "^(/[-._~a-zA-Z0-9]+)*/?$" $path) }}
{{- fail (printf "%s.ingress.path is %s, but it must begin with a slash and have only letters, digits, dots, dashes, underscores and tildes between slashes, such as /team/%s" (include "polyaxon-persistence.runPath" .) (toJson $path) .name) }}
{{- end }}
{{- trimSuffix "/" $path }}
{{- end }}
{{- end }}

{{/*
Writes a JSON list of the outputs entries that a polyaxonfile (.polyaxonfile) may get, with their names: the entry that it
names, else the default entry. With outputsSelection spread, these are all writable entries, because only the post-renderer knows which.
*/}}
{{- define "polyaxon-persistence.outputsEntries" -}}
{{- $entries := dict }}
{{- range $name, $entry := .catalog.outputs }}
{{- if kindIs "map" $entry }}{{- /* helm lint goes on after an invalid entry */}}
{{- $_ := set $entries $name $entry }}
{{- end }}
{{- end }}
{{- $environment := .polyaxonfile.environment | default dict }}
{{- $persistence := ternary $environment.persistence dict (kindIs "map" $environment.persistence) }}
{{- $named := list $persistence.outputs $environment.artifact_refs .catalog.defaultOutputs | compact }}
{{- if $named }}
{{- $named = first $named }}
{{- if kindIs "slice" $named }}
{{- $named = first $named }}
{{- end }}
{{- $named = list $named }}
{{- else }}
{{- range $name := keys $entries | sortAlpha }}
{{- if not (get $entries $name).readOnly }}
{{- $named = append $named $name }}
{{- end }}
{{- end }}
{{- if ne (toString .catalog.outputsSelection) "spread" }}
{{- $named = list (first $named) }}
{{- end }}
{{- end }}
{{- $found := list }}
{{- range $named }}
{{- if kindIs "string" . }}
{{- $found = append $found (set (deepCopy (get $entries . | default dict)) "name" .) }}
{{- end }}
{{- end }}
{{- toJson $found }}
{{- end }}

{{/* Writes the entry that a polyaxonfile gets as JSON, if it is a bucket. Writes {} if it may also get another entry. */}}
{{- define "polyaxon-persistence.outputsBucket" -}}
{{- $entries := include "polyaxon-persistence.outputsEntries" . | fromJsonArray }}
{{- $found := dict }}
{{- if eq (len $entries) 1 }}
{{- $found = ternary (first $entries) $found (hasKey (first $entries) "bucket") }}
{{- end }}
{{- toJson $found }}
{{- end }}

{{/*
Reads: .root, .catalog, .name, .run, .bucket (its URL). Writes the directory of an S3 bucket that Tensorboard shows, because
it can't show the root of a bucket: the first directory of the run folder, which is the namespace by default. Writes nothing
if the URL has a directory.
*/}}
{{- define "polyaxon-persistence.shownDirectory" -}}
{{- if regexMatch "^s3://[^/]*/?$" .bucket }}
{{- $first := first (splitList "/" (.catalog.runFolder | default "{namespace}")) }}
{{- if regexMatch "{(kind|name)}" $first }}
{{- fail (printf "%s: Tensorboard can't show the root of the bucket %s: write a directory at the end of its URL, or begin %spersistence.runFolder with a directory that all runs have" (include "polyaxon-persistence.runPath" .) .bucket (include "polyaxon-persistence.valuesPath" .root)) }}
{{- end }}
{{- $first = replace "$" "$$" $first | replace "{namespace}" "$(POLYAXON_K8S_NAMESPACE)" }}
{{- $first = replace "{user}" (.run.user | default "") $first | replace "{project}" (.run.project | default "") }}
{{- printf "%s%s" (ternary "" "/" (hasSuffix "/" .bucket)) $first }}
{{- end }}
{{- end }}

{{/*
Writes the variable that contains the JSON of a Secret's key. A shell removes variables with dots or dashes in their names.
Two keys never have the same variable. read_secret in files/tensorboard.py makes the same name.
*/}}
{{- define "polyaxon-persistence.keyVariable" -}}
{{- printf "STORE_KEY_%s" (replace "_" "_5F" . | replace "-" "_2D" | replace "." "_2E") }}
{{- end }}

{{/*
Reads: .root, .name. Writes: .run, and .into.directory. If the outputs of a tensorboard are a bucket with a Secret,
files/tensorboard.py starts it, because Tensorboard does not read Polyaxon's JSON. With credentials: env, Tensorboard finds
the credentials itself. If the run may get outputs with different directories, a shell adds the directory to the root of
an S3 bucket, because only the post-renderer knows which outputs the run gets.
*/}}
{{- define "polyaxon-persistence.openBucket" -}}
{{- $path := include "polyaxon-persistence.runPath" . }}
{{- $catalog := dict }}
{{- include "polyaxon-persistence.catalog" (dict "root" .root "into" $catalog) }}
{{- $entries := include "polyaxon-persistence.outputsEntries" (dict "catalog" $catalog.persistence "polyaxonfile" .run.polyaxonfile) | fromJsonArray }}
{{- $env := list }}
{{- $directories := list }}
{{- range $entries }}
{{- if eq (toString .store) "azure" }}
{{- fail (printf "%s %s the bucket %s, but Tensorboard can't open storage of Azure: name another outputs volume in %s.polyaxonfile, or write %s.command and %s.args" $path (ternary "gets" "may get" (eq (len $entries) 1)) .bucket $path $path $path) }}
{{- end }}
{{- $directories = append $directories (include "polyaxon-persistence.shownDirectory" (dict "root" $.root "catalog" $catalog.persistence "name" $.name "run" $.run "bucket" (toString .bucket))) }}
{{- if and .secret .secretKey (not .credentials) }}
{{- $env = append $env (dict "name" (include "polyaxon-persistence.keyVariable" .secretKey) "value" (printf "$(%s)" .secretKey)) }}
{{- end }}
{{- end }}
{{- $start := "" }}
{{- $program := "tensorboard" }}
{{- if $env }}
{{- $missing := printf "this image has no python3. The chart needs python3 to open the bucket of %s: use another image, or write credentials: env in the entry of the bucket" $path }}
{{- $start = printf "command -v python3 >/dev/null || { echo '%s' >&2; exit 1; }; exec python3 -c \"$0\" \"$@\"" $missing }}
{{- $program = .root.Files.Get "files/tensorboard.py" }}
{{- end }}
{{- if gt (len (uniq $directories)) 1 }}
{{- $start = printf "case \"$POLYAXON_BASE_OUTPUTS_PATH\" in s3://*/?*) ;; s3://*) shift; set -- \"--logdir=${POLYAXON_BASE_OUTPUTS_PATH%%/}/$SHOWN_DIRECTORY\" \"$@\";; esac; %s" ($start | default "exec \"$0\" \"$@\"") }}
{{- $env = append $env (dict "name" "SHOWN_DIRECTORY" "value" (trimPrefix "/" (compact $directories | first))) }}
{{- else }}
{{- $_ := set .into "directory" (first $directories | default "") }}
{{- end }}
{{- if $start }}
{{- $_ := set .run "command" (list "/bin/sh" "-c" $start $program) }}
{{- include "polyaxon-persistence.layerVariables" (dict "layers" (list $env .run.env) "into" .run) }}
{{- end }}
{{- end }}

{{/* Refuses to start Tensorboard if its run refers to results in a bucket, because buckets are not mounted. */}}
{{- define "polyaxon-persistence.checkReferences" -}}
{{- $path := include "polyaxon-persistence.runPath" . }}
{{- $references := dig "environment" "outputs" dict .run.polyaxonfile | default dict }}
{{- if kindIs "map" $references }}
{{- $catalog := dict }}
{{- include "polyaxon-persistence.catalog" (dict "root" .root "into" $catalog) }}
{{- range $names := values $references }}
{{- range $reference := ternary $names (list $names) (kindIs "slice" $names) }}
{{- $parts := regexSplit "[/.]" (toString $reference) -1 }}
{{- $other := last $parts }}
{{- $runs := $.root.Values.runs | default dict }}
{{- $given := get $runs $other | default (get $runs (trimPrefix (printf "%s-" (include "polyaxon-persistence.prefix" $.root)) $other)) }}
{{- $file := dict }}
{{- $project := list }}
{{- if kindIs "map" $given }}
{{- $project = list (last (initial $parts)) ($given.project | default ($.root.Values.runDefaults | default dict).project) | compact | uniq }}
{{- end }}
{{- /* A run of another project is not this run. If this run or the other run has no project, the projects match. */}}
{{- if and (kindIs "map" $given) (lt (len $project) 2) }}
{{- include "polyaxon-persistence.layerPolyaxonfile" (dict "root" $.root "name" $other "given" $given "into" $file) }}
{{- else }}
{{- $file = $.run.polyaxonfile }}
{{- end }}
{{- with include "polyaxon-persistence.outputsBucket" (dict "catalog" $catalog.persistence "polyaxonfile" $file) | fromJson }}
{{- if eq (toString .store) "azure" }}
{{- fail (printf "%s: the results of %s are in the bucket %s, but Tensorboard can't open storage of Azure: remove %s from environment.outputs of %s.polyaxonfile" $path $reference .bucket $reference $path) }}
{{- end }}
{{- fail (printf "%s: the results of %s are in the bucket %s, which is not mounted: in %s.polyaxonfile, remove environment.outputs and write environment.persistence.outputs: %s. The tensorboard then shows all runs in this bucket" $path $reference .bucket $path .name) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/*
Reads: .root, .name. Writes: .run. Sets the command, port and probes of a notebook or tensorboard that does not set them. A
notebook starts in its run folder, so that its files stay. A tensorboard shows the runs that its polyaxonfile refers to, else
the whole outputs volume.
*/}}
{{- define "polyaxon-persistence.serve" -}}
{{- $run := .run }}
{{- $kind := get (include "polyaxon-persistence.servedKinds" . | fromYaml) $run.polyaxonfile.kind }}
{{- $path := include "polyaxon-persistence.basePath" . }}
{{- $port := int ($run.port | default $kind.port) }}
{{- $ask := dict "httpGet" (dict "path" (printf "%s/%s" $path $kind.ready) "port" "http") }}
{{- $defaults := dict "ports" (list (dict "name" "http" "containerPort" $port))
      "readinessProbe" (merge (dict "periodSeconds" 5) $ask)
      "livenessProbe" (merge (dict "initialDelaySeconds" 60 "periodSeconds" 30 "timeoutSeconds" 10 "failureThreshold" 20) $ask) }}
{{- if and (eq $run.polyaxonfile.kind "notebook") (not $run.command) (not $run.args) }}
{{- $jupyter := printf "exec jupyter %s --no-browser --allow-root --ip=0.0.0.0 --port=%d" ($run.polyaxonfile.backend | default "notebook") $port }}
{{- if $path }}
{{- $jupyter = printf "%s --NotebookApp.base_url=%s/" $jupyter $path }}
{{- end }}
{{- if not $run.workingDir }}
{{- $jupyter = printf "if [ -d \"$POLYAXON_RUN_OUTPUTS_PATH\" ]; then cd \"$POLYAXON_RUN_OUTPUTS_PATH\"; fi; %s" $jupyter }}
{{- end }}
{{- $_ := set $run "command" (list "/bin/sh" "-c" $jupyter) }}
{{- else if and (eq $run.polyaxonfile.kind "tensorboard") (not $run.command) (not $run.args) }}
{{- include "polyaxon-persistence.checkReferences" . }}
{{- $_ := set $run "command" (list "tensorboard") }}
{{- $logs := "/polyaxon/refs" }}
{{- if empty (dig "environment" "outputs" nil $run.polyaxonfile) }}
{{- $opened := dict "directory" "" }}
{{- include "polyaxon-persistence.openBucket" (set . "into" $opened) }}
{{- $logs = printf "$(POLYAXON_BASE_OUTPUTS_PATH)%s" $opened.directory }}
{{- end }}
{{- $_ := set $run "args" (list (printf "--logdir=%s" $logs) "--host=0.0.0.0" (printf "--port=%d" $port)) }}
{{- if $path }}
{{- $_ := set $run "args" (append $run.args (printf "--path_prefix=%s" $path)) }}
{{- end }}
{{- end }}
{{- if eq $run.polyaxonfile.kind "tensorboard" }}
{{- $_ := set $defaults "shm" (dict "enabled" false) }}
{{- end }}
{{- with $run.tokenSecret }}
{{- $key := dict "name" .name "key" (.key | default "token") }}
{{- if not .name }}
{{- fail (printf "%s.tokenSecret has no name: write {name: SECRET, key: token}" (include "polyaxon-persistence.runPath" $)) }}
{{- end }}
{{- $token := list (dict "name" "JUPYTER_TOKEN" "valueFrom" (dict "secretKeyRef" $key)) }}
{{- include "polyaxon-persistence.layerVariables" (dict "layers" (list $token $run.env) "into" $run) }}
{{- end }}
{{- range $key, $value := $defaults }}
{{- if not (hasKey $run $key) }}
{{- $_ := set $run $key $value }}
{{- end }}
{{- end }}
{{- end }}
