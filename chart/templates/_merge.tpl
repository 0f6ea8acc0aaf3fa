{{/*
Reads: .over. Writes: .under. Merges .over into .under as Helm merges values files: maps merge, lists and scalars replace,
null removes a key. Sprig's merge can't do this, because it treats false, 0 and an empty list as missing values.
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
Reads: .layers, lists of environment variables. Writes: .into.env, one list. If several variables have the same name,
only the last variable stays, at its place in the list.
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
