{{/*
Writes a value as block-style YAML, "name" before the other keys. Each string is one JSON string on one line. So every Helm
passes the same text to the post-renderer, and the text can be indented without a change of the value.
*/}}
{{- define "polyaxon-persistence.block" -}}
{{- $lines := list }}
{{- if kindIs "map" . }}
{{- $keys := keys . | sortAlpha }}
{{- $keys = ternary (prepend (without $keys "name") "name") $keys (hasKey . "name") }}
{{- $map := . }}
{{- range $key := $keys }}
{{- $value := get $map $key }}
{{- $plain := and (regexMatch "^[A-Za-z][A-Za-z0-9./_-]*$" $key) (not (has (lower $key) (list "y" "n" "yes" "no" "on" "off" "true" "false" "null"))) }}
{{- $key = ternary $key (toRawJson $key) $plain }}
{{- if or (not $value) (not (or (kindIs "map" $value) (kindIs "slice" $value))) }}
{{- $lines = append $lines (printf "%s: %s" $key (include "polyaxon-persistence.scalar" $value)) }}
{{- else }}
{{- $lines = append $lines (printf "%s:%s" $key (include "polyaxon-persistence.block" $value | nindent (ternary 2 0 (kindIs "map" $value)))) }}
{{- end }}
{{- end }}
{{- else if kindIs "slice" . }}
{{- range . }}
{{- $lines = append $lines (printf "- %s" (include "polyaxon-persistence.block" . | indent 2 | trim)) }}
{{- end }}
{{- end }}
{{- if or (not .) (not (or (kindIs "map" .) (kindIs "slice" .))) }}
{{- $lines = list (include "polyaxon-persistence.scalar" .) }}
{{- end }}
{{- join "\n" $lines }}
{{- end }}

{{/* Writes JSON on one line. Escapes NEL, DEL and BOM, which JSON allows, but YAML refuses or reads as a line break. */}}
{{- define "polyaxon-persistence.scalar" -}}
{{- toRawJson . | replace "\u0085" "\\u0085" | replace "\u007f" "\\u007f" | replace "\ufeff" "\\ufeff" }}
{{- end }}
