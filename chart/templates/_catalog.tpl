{{/*
Reads: .root. Writes: .into.persistence (the named volumes, without keys that are null) and .into.claims (name of a
claim -> the values of create). The catalog contains the name of such a claim, because the post-renderer does not read
create.
*/}}
{{- define "polyaxon-persistence.catalog" -}}
{{- $catalog := dict }}
{{- $claims := dict }}
{{- include "polyaxon-persistence.layer" (dict "under" $catalog "over" (.root.Values.persistence | default dict)) }}
{{- range $role := list "data" "outputs" }}
{{- range $name, $entry := get $catalog $role | default dict }}
{{- if and (kindIs "map" $entry) (hasKey $entry "create") }}{{- /* helm lint goes on after an invalid entry */}}
{{- $where := printf "%spersistence.%s.%s.create" (include "polyaxon-persistence.valuesPath" $.root) $role $name }}
{{- range list "hostPath" "volumeSource" "store" "bucket" }}
{{- if hasKey $entry . }}
{{- fail (printf "%s makes a claim, but the entry also has %s: remove create or %s" $where . .) }}
{{- end }}
{{- end }}
{{- if not $entry.create.size }}
{{- fail (printf "%s has no size: write create: {size: 10Gi}" $where) }}
{{- end }}
{{- $claim := $entry.existingClaim | default (printf "%s-%s" (include "polyaxon-persistence.prefix" $.root) $name) }}
{{- if hasKey $claims $claim }}
{{- fail (printf "%s makes the claim %s, which another entry also makes: write create in one of the two entries, and existingClaim in both entries" $where $claim) }}
{{- end }}
{{- if and $entry.accessModes $entry.create.accessModes (ne (sortAlpha $entry.accessModes | join ", ") (sortAlpha $entry.create.accessModes | join ", ")) }}
{{- fail (printf "%s.accessModes is [%s], but accessModes of the entry is [%s]: write the same access modes, or remove one of the two keys" $where (join ", " $entry.create.accessModes) (join ", " $entry.accessModes)) }}
{{- end }}
{{- $modes := $entry.create.accessModes | default $entry.accessModes | default (list "ReadWriteOnce") }}
{{- $_ := set $claims $claim (set $entry.create "accessModes" $modes) }}
{{- $_ := set $entry "accessModes" ($entry.accessModes | default $modes) }}
{{- $_ := set $entry "existingClaim" $claim }}
{{- $_ := unset $entry "create" }}
{{- end }}
{{- end }}
{{- end }}
{{- $_ := set .into "persistence" $catalog }}
{{- $_ := set .into "claims" $claims }}
{{- end }}
