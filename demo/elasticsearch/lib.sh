# shellcheck shell=bash
# What the walk-through and the tests do with the Elasticsearch server of demo/servers/elasticsearch.yaml.

documents=1000
es_scheme=http

# es METHOD PATH [CURL-ARGUMENT…]: one request as the elastic user.
es() {
    local method=$1 path=$2
    shift 2
    k exec -i toolbox -- curl -sSk --fail-with-body -u "elastic:$(secret es-auth password)" -X "$method" \
        -H 'Content-Type: application/x-ndjson' "$es_scheme://es:9200$path" "$@"
}

# fill INDEX: documents with a number that a double cannot hold.
fill() {
    local answer
    answer=$(for i in $(seq "$documents"); do
        printf '{"index":{"_id":"%s"}}\n{"n":%s,"large":%s,"text":"%s %s"}\n' "$i" "$i" "$((9007199254740992 + i))" "$1" "$i"
    done | es POST "/$1/_bulk?refresh=true" --data-binary @-) &&
        jq -e '.errors == false' <<<"$answer" >/dev/null || fail "Elasticsearch refuses documents of $1: ${answer:0:1000}"
}

# Every document of an index with its id, in order, as one checksum; the text as the server sends it, because jq would
# round the large numbers.
index_sum() {
    es GET "/$1/_search?size=$documents&sort=n&filter_path=hits.hits._id,hits.hits._source" | sha256sum | cut -c1-64
}
