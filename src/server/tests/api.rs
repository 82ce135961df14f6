//! The API's own routes: searching, reading, CQL, health, and their description.

use expect_test::{Expect, expect, expect_file};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::server::openapi;

use super::*;

#[track_caller]
fn check(value: &Value, expected: &Expect) {
    expected.assert_eq(&serde_json::to_string_pretty(value).unwrap());
}

#[tokio::test]
async fn a_search_is_the_same_as_body_and_as_url() {
    let by_body = post(
        "/v1/search",
        &json!({"query": "ice", "limit": 3, "explain": null}),
    )
    .await;
    let by_url = get("/v1/search?q=ice&limit=3").await;
    assert_eq!(by_body.status, 200);
    assert_eq!(by_body.json(), by_url.json());
    assert_eq!(
        by_body.json()["results"][0]["passages"][0]["citation"]["label"],
        "1"
    );
    assert_eq!(by_url.header("content-type"), "application/json");
    assert_eq!(
        by_url.header("headwater-version"),
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(by_url.header("cache-control"), "private, no-cache");
}

#[tokio::test]
async fn an_answer_says_whose_view_it_is() {
    let code = |got: &Got| got.json()["notices"][0]["code"].clone();
    assert_eq!(code(&get("/v1/search?q=ice").await), "service_view");
    let mara = [("headwater-user", "email:mara@tarnfell.example")];
    assert_eq!(
        code(&get_with("/v1/search?q=ice", &mara).await),
        "delegated_view"
    );
    let nobody = [("headwater-user", "anonymous")];
    let got = get_with("/v1/documents/page:4587521", &nobody).await;
    got.problem(404, "document-not-found");
}

#[tokio::test]
async fn every_mistake_of_a_body_is_listed() {
    let body = json!({
        "query": "", "limit": 51, "cutof": 1, "context": "page",
        "filter": {"labels": {"nome": ["draft"]}, "updated_at": {"gte": 5}},
    });
    let got = post("/v1/search", &body).await;
    let problem = got.problem(422, "invalid-field");
    assert_eq!(problem["instance"], "/v1/search");
    assert_eq!(
        got.mistakes(),
        [
            "/context invalid_value",
            "/cutof unknown_field",
            "/filter/labels/nome unknown_field",
            "/filter/updated_at/gte wrong_type",
            "/limit out_of_range",
            "/query out_of_range",
        ]
    );
}

#[tokio::test]
async fn every_mistake_of_a_url_is_listed() {
    let got = get("/v1/search?q=ice&limt=3&limit=many&explain=yes&q=snow&cutoff=0.5").await;
    got.problem(422, "invalid-field");
    assert_eq!(
        got.mistakes(),
        [
            "/q invalid_value",
            "/explain wrong_type",
            "/limit wrong_type",
            "/limt unknown_field",
        ]
    );
    let unknown = get("/v1/documents/page:4587521/outline?depth=2").await;
    unknown.problem(422, "unknown-field");
    let unknown = post("/v1/search?limit=3", &json!({"query": "ice"})).await;
    unknown.problem(422, "unknown-field");
    assert_eq!(unknown.mistakes(), ["/limit unknown_field"]);
}

#[tokio::test]
async fn bodies_that_cannot_be_read() {
    let got = post_text("/v1/search", "{\"query\": ").await;
    let problem = got.problem(400, "malformed-json");
    assert!(problem["detail"].as_str().unwrap().contains("line 1"));
    post_text("/v1/search", &"[".repeat(1000))
        .await
        .problem(400, "malformed-json");
    post_text("/v1/search", &" ".repeat(2001))
        .await
        .problem(413, "too-large");
    post_text("/v1/search", "[1]")
        .await
        .problem(422, "invalid-field");

    for headers in [
        vec![],
        vec![("content-type", "text/plain")],
        vec![
            ("content-type", "application/json"),
            ("content-encoding", "gzip"),
        ],
    ] {
        let got = send(state(Fake::default()), "POST /v1/search", &headers, "{}").await;
        got.problem(415, "media-type");
        assert_eq!(got.header("accept-post"), "application/json");
    }
}

#[tokio::test]
async fn refusals_of_the_search_become_problems() {
    get("/v1/search").await.problem(422, "invalid-field");
    get("/v1/search?q=old").await.problem(410, "cursor-expired");
    get("/v1/search?q=ice&cql=space+%3D")
        .await
        .problem(422, "cql-syntax");
    post("/v1/cql/search", &json!({"cql": "favourite = x"}))
        .await
        .problem(422, "cql-not-local");
    get("/v1/documents/page:1")
        .await
        .problem(404, "document-not-found");
    let version = get("/v1/documents/page:4587521@13").await;
    let problem = version.problem(404, "document-not-found");
    assert!(problem["detail"].as_str().unwrap().contains("version 14"));
    let section = get("/v1/documents/page:4587521?section=Nowhere").await;
    section.problem(422, "invalid-field");
    assert_eq!(section.mistakes(), ["/section invalid_value"]);
}

#[tokio::test]
async fn what_went_wrong_inside_stays_inside() {
    for question in ["panic", "fail"] {
        let got = get(&format!("/v1/search?q={question}")).await;
        let problem = got.problem(500, "internal");
        assert!(
            !got.text.contains("segment") && !got.text.contains("made up"),
            "{problem}"
        );
    }
}

#[tokio::test]
async fn a_document_is_read_by_encoded_id() {
    for path in ["/v1/documents/page:4587521", "/v1/documents/page%3A4587521"] {
        assert_eq!(get(path).await.json()["title"], "Winter timetable");
    }
    let got = get("/v1/documents/page:4587521?format=markdown&section=Ice+rules").await;
    assert_eq!(got.json()["content"]["text"], "# Ice rules\n");
    get("/v1/documents/page:4587521?format=pdf")
        .await
        .problem(422, "invalid-field");
    get("/v1/documents/%ff").await.problem(422, "invalid-field");
    let url = "/v1/documents/https%3A%2F%2Fwiki.test%2Fpages%2F4587521/outline";
    assert_eq!(
        get(url).await.json()["id"],
        "https://wiki.test/pages/4587521"
    );
}

#[tokio::test]
async fn an_answer_that_the_caller_has_is_not_sent_again() {
    for (path, weak) in [
        ("/v1/documents/page:4587521", false),
        ("/v1/documents/page:4587521/outline", false),
        ("/v1/search?q=ice", true),
    ] {
        let first = get(path).await;
        let tag = first.header("etag").to_owned();
        assert_eq!(tag.starts_with("W/\"g8-"), weak, "{tag}");
        let list = format!("\"other\", {tag}");
        let again = get_with(path, &[("if-none-match", &list)]).await;
        assert_eq!((again.status.as_u16(), again.text.as_str()), (304, ""));
        assert_eq!(again.header("etag"), tag);
        let somebody = [
            ("if-none-match", tag.as_str()),
            ("headwater-user", "account:7"),
        ];
        assert_eq!(get_with(path, &somebody).await.status, 200);
    }
}

#[tokio::test]
async fn cql_routes_answer() {
    let cql = json!({"cql": "space = OPS"});
    assert_eq!(post("/v1/cql/validate", &cql).await.json()["valid"], true);
    assert_eq!(
        post("/v1/cql/explain", &cql).await.json()["time_zone"],
        "UTC"
    );
    let listed = post("/v1/cql/search", &cql).await.json();
    assert_eq!(listed["notices"][0]["code"], "service_view");
    let got = post("/v1/cql/search", &json!({"limit": 0})).await;
    got.problem(422, "invalid-field");
    assert_eq!(got.mistakes(), ["/limit out_of_range", "/cql required"]);
}

#[tokio::test]
async fn health_is_told_without_content() {
    assert_eq!(get("/livez").await.status, 200);
    assert_eq!(get("/healthz").await.json()["ok"], true);
    let fake = Fake {
        ready: false,
        ..Fake::default()
    };
    let got = send(state(fake), "GET /readyz", &[], "").await;
    assert_eq!(got.status, 503);
    check(
        &got.json(),
        &expect![[r#"
            {
              "checks": {
                "generation": false,
                "index_open": false,
                "not_draining": true
              },
              "ok": false
            }"#]],
    );
}

#[tokio::test]
async fn the_state_is_told_to_whoever_runs_it() {
    let mut status = get("/v1/status").await.json();
    status["uptime_s"] = 0.into();
    status["version"] = "0".into();
    check(
        &status,
        &expect![[r#"
            {
              "config_digest": "c0ffee",
              "index": {
                "bytes_on_disk": 1024,
                "documents": {
                  "page": 41
                },
                "generation": 8
              },
              "ready": true,
              "runs": [],
              "uptime_s": 0,
              "vectors": false,
              "version": "0"
            }"#]],
    );
}

#[tokio::test]
async fn figures_name_nobody() {
    get_with(
        "/v1/search?q=secretword",
        &[("headwater-user", "account:secretperson")],
    )
    .await;
    get("/v1/search?q=none").await;
    let got = get("/metrics").await;
    for name in [
        "headwater_search_requests_total{interface=\"http\",mode=\"lexical\",outcome=\"found\"}",
        "headwater_search_duration_seconds_bucket",
        "headwater_search_no_match_total",
        "headwater_index_documents{type=\"page\"} 41",
        "headwater_index_generation 8",
        "headwater_http_inflight",
    ] {
        assert!(got.text.contains(name), "{name} is not in\n{}", got.text);
    }
    assert!(!got.text.contains("secret"));
}

#[test]
fn the_description_is_the_committed_one() {
    expect_file!["../../../schema/openapi.json"].assert_eq(openapi::text());
}

#[test]
fn the_description_holds_together() {
    let document = openapi::document();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let text = document.to_string();
    for reference in text.split("#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(schemas.contains_key(name), "`{name}` is not described");
    }
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let summary = operation["summary"].as_str().unwrap_or_default();
            assert!(!summary.is_empty(), "{method} {path} says nothing");
        }
    }
}

#[test]
fn examples_fit_their_schemas() {
    let document = openapi::document();
    let mut checked = 0;
    let mut open = vec![document];
    while let Some(value) = open.pop() {
        let parameter = value["in"].is_string();
        let schema = if parameter { &value["schema"] } else { value };
        let examples = ["example", "default"].map(|name| value.get(name));
        // Properties and responses may have these very names; then an object stands there.
        let is_example = |example: &&Value| !example.is_object() || schema["type"] == "object";
        for example in examples.into_iter().flatten().filter(is_example) {
            let mistakes = openapi::schemas().check_with(schema, example);
            assert_eq!(mistakes, [], "{value}");
            checked += 1;
        }
        match value {
            Value::Object(fields) => open.extend(fields.values()),
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    assert!(checked > 20, "{checked} examples");
}

/// Values of every type, and the words that requests know.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-2_i64..600).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(vec!["auto", "none", "section", "utf16", "", "x"])
            .prop_map(Value::from),
    ];
    let names = prop::sample::select(vec!["any", "all", "gte", "labels", "type", "nome"]);
    leaf.prop_recursive(3, 16, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map(names.clone(), inner, 0..3).prop_map(|map| json!(map)),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Otherwise serde would have to report a mistake, which it does one at a time.
    #[test]
    fn a_request_without_mistakes_can_be_read(
        fields in prop::collection::btree_map(
            prop::sample::select(vec![
                "query", "cql", "filter", "limit", "context", "group_by", "cutoff", "explain", "offset_unit",
            ]),
            any_value(),
            0..3,
        )
    ) {
        let body = json!(fields);
        if openapi::schemas().check("SearchRequest", &body).is_empty() {
            let read = serde_json::from_value::<SearchRequest>(body.clone());
            prop_assert!(read.is_ok(), "{body}: {read:?}");
        }
    }
}

/// What the routes answer is what the description promises, field by field.
#[tokio::test]
async fn answers_fit_their_description() {
    let cql = json!({"cql": "space = OPS"});
    let answers = [
        (
            "SearchResponse",
            post("/v1/search", &json!({"query": "ice"})).await,
        ),
        ("DocumentObject", get("/v1/documents/page:4587521").await),
        (
            "OutlineResponse",
            get("/v1/documents/page:4587521/outline").await,
        ),
        ("CqlValidation", post("/v1/cql/validate", &cql).await),
        ("CqlExplainResponse", post("/v1/cql/explain", &cql).await),
        ("CqlCompleteResponse", post("/v1/cql/complete", &cql).await),
        ("CqlSearchResponse", post("/v1/cql/search", &cql).await),
        (
            "ConvertResponse",
            post("/v1/convert", &json!({"body": "<p>Ice</p>"})).await,
        ),
        ("StatusResponse", get("/v1/status").await),
        ("Health", get("/readyz").await),
        ("Problem", get("/nothing").await),
        ("Problem", get("/v1/search?limit=0").await),
    ];
    for (schema, got) in answers {
        assert_eq!(
            openapi::schemas().check(schema, &got.json()),
            [],
            "{schema}: {}",
            got.text
        );
    }
}
