{{/*
Reads: .over. Writes: .under. Lays one over the other as Helm layers values files: maps merge, lists and scalars replace,
null takes away. Sprig's own merge can't do this: to it false, 0 and an empty list are no values.
*/}}
{{- define "polyaxon-persistence.layer" -}}
{{- $under := .under }}
{{- range $key, $value := .over }}
{{- if kindIs "map" $value }}
{{- if not (kindIs "map" (get $under $key)) }}
{{- $_ := set $under $key dict }}
{{- end }}
{{- include "polyaxon-persistence.layer" (dict "under" (get $under $key) "over" $value) }}
{{- else if kindIs "invalid" $value }}
{{- $_ := unset $under $key }}
{{- else }}
{{- $_ := set $under $key $value }}
{{- end }}
{{- end }}
{{- end }}

{{/*
Reads: .layers, lists of environment variables. Writes: .into.env. One list of them: of several variables of one name only
the last one stays, in its place.
*/}}
{{- define "polyaxon-persistence.layerVariables" -}}
{{- $names := list }}
{{- $env := list }}
{{- range $layer := reverse .layers }}
{{- range $variable := reverse ($layer | default list) }}
{{- if not (has $variable.name $names) }}
{{- $names = append $names $variable.name }}
{{- $env = prepend $env $variable }}
{{- end }}
{{- end }}
{{- end }}
{{- $_ := set .into "env" $env }}
{{- end }}
