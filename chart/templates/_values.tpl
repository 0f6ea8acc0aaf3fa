{{/*
Writes "true", or nothing if the values say enabled: false. Every template begins with it, so that it renders nothing
then. Refuses invalid names and unknown keys before that, all of them together.
*/}}
{{- define "polyaxon-persistence.isEnabled" -}}
{{- if ne (toString .Values.enabled) "false" }}
{{- $problems := concat (include "polyaxon-persistence.persistenceProblems" . | fromJsonArray) (include "polyaxon-persistence.runProblems" . | fromJsonArray) }}
{{- if gt (len $problems) 1 }}
{{- $problems = prepend $problems (printf "the values have %d errors:" (len $problems)) }}
{{- end }}
{{- if $problems }}
{{- fail (join "\n" $problems) }}
{{- end }}
{{- print "true" }}
{{- end }}
{{- end }}

{{/*
The known keys of a mapping in the values, as values.schema.json lists them. `instead`: key that is not known -> what to
write instead.
*/}}
{{- define "polyaxon-persistence.knownKeys" -}}
persistence:
  known: [data, outputs, defaultData, defaultOutputs, outputsSelection, runFolder, isolateRuns, workloads]
  instead:
    logs: this was a volume of Polyaxon's own server. Remove the key. kubectl logs reads the logs of a run
    repos: this was a volume of Polyaxon's own server. Remove the key. Build an image with the code, or write the volume under persistence.data
    upload: this was a volume of Polyaxon's own server. Remove the key. kubectl cp copies files into a volume
    extra: write each volume under persistence.data with a name, or run polyaxon-persistence migrate, which does so
  ignored: true
entry:
  known: [mountPath, hostPath, hostPathType, existingClaim, volumeSource, readOnly, accessModes, subPath, description,
          createRunFolder, create, store, bucket, secret, secretKey, credentials]
  instead:
    name: write existingClaim with the name of the claim; the key above names the volume
    accessMode: write accessModes with a list, as in [ReadWriteOnce]
    size: write create.size if the chart must make the claim; else remove it
  ignored: true
run:
  known: [polyaxonfile, policy, rerun, suspend, schedule, timeZone, hook, folder, project, user, containers, image,
          imagePullPolicy, imagePullSecrets, command, args, workingDir, env, envFrom, resources, nodeSelector, tolerations,
          affinity, priorityClassName, runtimeClassName, serviceAccountName, automountServiceAccountToken,
          podSecurityContext, securityContext, initContainers, extraVolumes, extraVolumeMounts, shm, labels, annotations,
          podLabels, podAnnotations, backoffLimit, activeDeadlineSeconds, parallelism, completions, completionMode,
          ttlSecondsAfterFinished, port, service, ingress, tokenSecret, startupProbe, readinessProbe, livenessProbe, files]
  instead:
    kind: write it in polyaxonfile
    version: write it in polyaxonfile
    environment: write it in polyaxonfile
    build: write it in polyaxonfile
    run: write it in polyaxonfile
    params: write it in polyaxonfile
    declarations: write it in polyaxonfile
    cmd: write polyaxonfile.run.cmd, or command and args
    volumes: write extraVolumes
    volumeMounts: write extraVolumeMounts
    restartPolicy: write backoffLimit, the number of times that a failed pod is started again
{{- end }}

{{/* Writes the keys above these values in the values of an umbrella chart, as in "vision."; nothing in the chart itself. */}}
{{- define "polyaxon-persistence.valuesPath" -}}
{{- range rest (splitList "/charts/" (dir .Template.BasePath)) }}
{{- printf "%s." . }}
{{- end }}
{{- end }}

{{/* Reads: .root, .name. Writes the path of a run in the values, as in runs.train or vision.runs.train. */}}
{{- define "polyaxon-persistence.runPath" -}}
{{- printf "%sruns.%s" (include "polyaxon-persistence.valuesPath" .root) .name }}
{{- end }}

{{/* Writes the name of this chart: nameOverride, else its alias in an umbrella chart, else polyaxon-persistence. */}}
{{- define "polyaxon-persistence.chartName" -}}
{{- .Values.nameOverride | default .Chart.Name }}
{{- end }}

{{/* Writes the beginning of the names of all objects. Only overrides and an alias make it another text than the release. */}}
{{- define "polyaxon-persistence.prefix" -}}
{{- $name := .Values.nameOverride | default (ternary "" .Chart.Name (eq .Chart.Name "polyaxon-persistence")) }}
{{- .Values.fullnameOverride | default (ternary (printf "%s-%s" .Release.Name $name) .Release.Name (ne $name "")) }}
{{- end }}

{{/*
Writes labels as JSON: the labels by which an object and its pods belong to this chart. A release can have this chart
twice, under two names. Without another name the labels are those of earlier versions, because they are part of pods.
*/}}
{{- define "polyaxon-persistence.ownLabels" -}}
{{- $labels := dict "app.kubernetes.io/instance" .Release.Name }}
{{- if ne (include "polyaxon-persistence.prefix" .) .Release.Name }}
{{- $_ := set $labels "app.kubernetes.io/name" (include "polyaxon-persistence.chartName" .) }}
{{- end }}
{{- toJson $labels }}
{{- end }}

{{/*
Reads: the mapping of data or outputs. If it is one volume without a name, as in Polyaxon up to 0.1.0, writes a key of this
volume. A mapping is a volume that has the name of a key. values.schema.json has the same list of keys.
*/}}
{{- define "polyaxon-persistence.keyOfSingle" -}}
{{- $keys := list }}
{{- range list "mountPath" "existingClaim" "hostPath" "store" "bucket" "name" "size" "accessMode" "volumeSource" }}
{{- $value := get $ . }}
{{- if not (or (not (hasKey $ .)) (kindIs "invalid" $value) (and (kindIs "map" $value) (ne . "volumeSource"))) }}
{{- $keys = append $keys . }}
{{- end }}
{{- end }}
{{- first $keys | default "" }}
{{- end }}

{{/* Writes a JSON list: what is wrong with the names and keys under persistence. */}}
{{- define "polyaxon-persistence.persistenceProblems" -}}
{{- $persistence := .Values.persistence | default dict }}
{{- $keys := include "polyaxon-persistence.knownKeys" . | fromYaml }}
{{- $at := printf "%spersistence" (include "polyaxon-persistence.valuesPath" .) }}
{{- $found := dict "problems" list }}
{{- include "polyaxon-persistence.findUnknownKeys" (dict "at" $at "given" $persistence "keys" $keys.persistence "into" $found) }}
{{- range $role := list "data" "outputs" }}
{{- $entries := get $persistence $role | default dict }}
{{- $where := printf "%s.%s" $at $role }}
{{- $single := include "polyaxon-persistence.keyOfSingle" $entries }}
{{- if $single }}
{{- $key := get (dict "name" "existingClaim" "size" "create.size" "accessMode" "accessModes") $single | default $single }}
{{- $_ := set $found "problems" (append $found.problems (printf "%s.%s: each volume needs a name. Write %s.NAME.%s. For values of Polyaxon 0.x, run polyaxon-persistence migrate" $where $single $where $key)) }}
{{- else }}
{{- include "polyaxon-persistence.findInvalidNames" (dict "at" $where "given" $entries "what" "volume" "into" $found) }}
{{- range $name, $entry := $entries }}
{{- include "polyaxon-persistence.findUnknownKeys" (dict "at" (printf "%s.%s" $where $name) "given" $entry "keys" $keys.entry "into" $found) }}
{{- end }}
{{- end }}
{{- end }}
{{- toJson $found.problems }}
{{- end }}

{{/* Writes a JSON list: what is wrong with the names and keys under runs and runDefaults, and with the names of the chart. */}}
{{- define "polyaxon-persistence.runProblems" -}}
{{- $keys := include "polyaxon-persistence.knownKeys" . | fromYaml }}
{{- $at := include "polyaxon-persistence.valuesPath" . }}
{{- $found := dict "problems" list }}
{{- include "polyaxon-persistence.findInvalidOverrides" (dict "root" . "at" $at "into" $found) }}
{{- include "polyaxon-persistence.findUnknownKeys" (dict "at" (printf "%srunDefaults" $at) "given" .Values.runDefaults "keys" $keys.run "into" $found) }}
{{- include "polyaxon-persistence.findInvalidNames" (dict "at" (printf "%sruns" $at) "given" .Values.runs "what" "run" "into" $found) }}
{{- range $name, $run := .Values.runs }}
{{- include "polyaxon-persistence.findUnknownKeys" (dict "at" (printf "%sruns.%s" $at $name) "given" $run "keys" $keys.run "into" $found) }}
{{- end }}
{{- toJson $found.problems }}
{{- end }}

{{/* Reads: .at, .given (a mapping of names), .what. Adds to .into.problems each name that Kubernetes would refuse. */}}
{{- define "polyaxon-persistence.findInvalidNames" -}}
{{- $taken := omit (.given | default dict) }}
{{- range $name, $value := .given }}
{{- $problem := "" }}
{{- if kindIs "invalid" $value }}
{{- /* null removes a name */}}
{{- else if has $name (list "true" "false") }}
{{- $problem = printf "YAML reads an unquoted on, off, yes, no, y or n as true or false: give the %s another name" $.what }}
{{- else if ne (include "polyaxon-persistence.isName" $name) "true" }}
{{- $better := include "polyaxon-persistence.toName" $name }}
{{- if or (not $better) (hasKey $taken $better) (has $better (list "true" "false")) }}
{{- $better = "another name" }}
{{- end }}
{{- $_ := set $taken $better true }}
{{- $problem = printf "a name must have only lower-case letters, digits and dashes, must begin and end with a letter or digit, and must have at most 63 characters: write %s" $better }}
{{- end }}
{{- if $problem }}
{{- $_ := set $.into "problems" (append $.into.problems (printf "%s.%s: %s" $.at $name $problem)) }}
{{- end }}
{{- end }}
{{- end }}

{{/* Reads: .root, .at. Adds to .into.problems each override, or the alias, that can't be the beginning of a name. */}}
{{- define "polyaxon-persistence.findInvalidOverrides" -}}
{{- $values := .root.Values }}
{{- range $key := list "nameOverride" "fullnameOverride" }}
{{- $name := get $values $key | default "" }}
{{- if and $name (ne (include "polyaxon-persistence.isName" $name) "true") }}
{{- $better := include "polyaxon-persistence.toName" $name | default "another name" }}
{{- $_ := set $.into "problems" (append $.into.problems (printf "%s%s is %s, but a name must have only lower-case letters, digits and dashes, must begin and end with a letter or digit, and must have at most 63 characters: write %s" $.at $key (toJson $name) $better)) }}
{{- end }}
{{- end }}
{{- $alias := .root.Chart.Name }}
{{- if not (or $values.nameOverride $values.fullnameOverride (eq (include "polyaxon-persistence.isName" $alias) "true")) }}
{{- $better := include "polyaxon-persistence.toName" $alias | default "NAME" }}
{{- $_ := set .into "problems" (append .into.problems (printf "the alias %s can't be part of the names of objects: write another alias, or %snameOverride: %s" $alias .at $better)) }}
{{- end }}
{{- end }}

{{- define "polyaxon-persistence.isName" -}}
{{- regexMatch "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$" . }}
{{- end }}

{{/* Writes a text as a name that Kubernetes accepts; nothing if the text has no letter and no digit. */}}
{{- define "polyaxon-persistence.toName" -}}
{{- regexReplaceAll "[^a-z0-9]+" (lower .) "-" | trimAll "-" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* Reads: .at, .given (a mapping or nil), .keys (of knownKeys). Adds to .into.problems each key that is not known. */}}
{{- define "polyaxon-persistence.findUnknownKeys" -}}
{{- $keys := .keys }}
{{- range $key, $value := .given }}
{{- if not (or (kindIs "invalid" $value) (has $key $keys.known)) }}
{{- $hint := get $keys.instead $key }}
{{- if not $hint }}
{{- $hint = include "polyaxon-persistence.nearest" (dict "word" $key "known" $keys.known) }}
{{- $all := printf "The known keys are: %s" (sortAlpha $keys.known | join ", ") }}
{{- $hint = ternary (printf "did you mean %q?" $hint) (ternary (printf "Polyaxon ignored it. Remove it. %s" $all) (printf "remove it. %s" $all) (default false $keys.ignored)) (ne $hint "") }}
{{- end }}
{{- $_ := set $.into "problems" (append $.into.problems (printf "%s.%s: unknown key: %s" $.at $key $hint)) }}
{{- end }}
{{- end }}
{{- end }}

{{/*
Reads: .word, .known (words). Writes the known word that is most like the word: the same without upper case, dashes and
underscores; else with one letter less, more or other, or two letters exchanged; else one that begins or ends with it.
Writes nothing if there is none.
*/}}
{{- define "polyaxon-persistence.nearest" -}}
{{- $word := regexReplaceAll "[-_ ]" (lower .word) "" | trunc 40 }}
{{- $near := "" }}
{{- $best := 0 }}
{{- $cuts := dict }}
{{- include "polyaxon-persistence.cuts" (dict "word" $word "into" $cuts) }}
{{- range $known := sortAlpha .known }}
{{- $other := regexReplaceAll "[-_ ]" (lower $known) "" }}
{{- $otherCuts := dict }}
{{- include "polyaxon-persistence.cuts" (dict "word" $other "into" $otherCuts) }}
{{- $score := 0 }}
{{- if eq $word $other }}
{{- $score = 3 }}
{{- else if ne (len (merge (dict) $cuts $otherCuts)) (add (len $cuts) (len $otherCuts) | int) }}
{{- $score = 2 }}
{{- else if and (ge (len $word) 5) (or (hasPrefix $word $other) (hasSuffix $word $other)) }}
{{- $score = 1 }}
{{- end }}
{{- if gt $score $best }}
{{- $best = $score }}
{{- $near = $known }}
{{- end }}
{{- end }}
{{- $near }}
{{- end }}

{{/* Writes what to do about an unknown key (.key) of a section that has the keys .known: the nearest one, and all of them. */}}
{{- define "polyaxon-persistence.knownInstead" -}}
{{- $near := include "polyaxon-persistence.nearest" (dict "word" .key "known" .known) }}
{{- printf "%s known keys are: %s" (ternary (printf "did you mean %q? The" $near) "remove the key; the" (ne $near "")) (sortAlpha .known | join ", ") }}
{{- end }}

{{/* Writes the keys of .into: .word, and .word without one of its letters, for each letter. */}}
{{- define "polyaxon-persistence.cuts" -}}
{{- $_ := set .into .word true }}
{{- range $index := until (len .word) }}
{{- $_ := set $.into (printf "%s%s" (substr 0 $index $.word) (substr (int (add1 $index)) (len $.word) $.word)) true }}
{{- end }}
{{- end }}
