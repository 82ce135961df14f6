//! What is HTTP's own: hosts, origins, methods, media types, limits, pages.

use axum::http::Method;

use crate::server::error::ProblemKind;

use super::*;

#[tokio::test]
async fn only_known_hosts_are_answered() {
    for host in [
        "localhost",
        "LOCALHOST:1",
        "127.0.0.1:8080",
        "[::1]:8080",
        "wiki-search.test:99",
    ] {
        assert_eq!(
            get_with("/livez", &[("host", host)]).await.status,
            200,
            "{host}"
        );
    }
    for host in [
        "evil.test",
        "127.0.0.1.evil.test",
        "10.0.0.1",
        "localhost.evil.test:8080",
        "@",
    ] {
        get_with("/livez", &[("host", host)])
            .await
            .problem(403, "host-refused");
    }
}

#[tokio::test]
async fn pages_of_other_origins_are_refused() {
    for origin in [
        "https://evil.test",
        "null",
        "http://127.0.0.1:9",
        "https://127.0.0.1:8080",
    ] {
        let got = get_with("/v1/search?q=ice", &[("origin", origin)]).await;
        got.problem(403, "origin-refused");
        assert!(!got.headers.contains_key("access-control-allow-origin"));
    }
    let own = get_with("/v1/search?q=ice", &[("origin", "http://127.0.0.1:8080")]).await;
    assert_eq!(own.status, 200);
    let portal = ("origin", "https://portal.test:443");
    let got = get_with("/v1/search?q=ice", &[portal]).await;
    assert_eq!(got.header("access-control-allow-origin"), portal.1);
    let preflight = [portal, ("access-control-request-method", "POST")];
    let got = send(state(Fake::default()), "OPTIONS /v1/search", &preflight, "").await;
    assert_eq!(got.status, 204);
    assert_eq!(got.header("access-control-allow-methods"), "GET, POST");
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let got = send(state(Fake::default()), "DELETE /v1/search", &[], "").await;
    got.problem(405, "method");
    let allow = got.header("allow");
    assert!(allow.contains("GET") && allow.contains("POST"), "{allow}");
    let head = send(state(Fake::default()), "HEAD /v1/search?q=ice", &[], "").await;
    assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""));
    get("/v2/search").await.problem(404, "route-not-found");
}

#[tokio::test]
async fn answers_come_in_json_only() {
    for accept in ["*/*", "application/json", "text/html, application/*;q=0.1"] {
        assert_eq!(
            get_with("/v1/search?q=ice", &[("accept", accept)])
                .await
                .status,
            200
        );
    }
    for accept in [
        "text/event-stream",
        "application/json;q=0, text/html",
        "nonsense",
    ] {
        let got = get_with("/v1/search?q=ice", &[("accept", accept)]).await;
        got.problem(406, "not-acceptable");
    }
}

#[tokio::test]
async fn request_ids_are_echoed_or_made() {
    let got = get_with("/livez", &[("x-request-id", "abc-1")]).await;
    assert_eq!(got.header("x-request-id"), "abc-1");
    let long = "x".repeat(129);
    for bad in ["", "a b", &long] {
        let got = get_with("/livez", &[("x-request-id", bad)]).await;
        assert_eq!(got.header("x-request-id").len(), 32, "{bad}");
    }
    let two = [get("/livez").await, get("/livez").await];
    assert_ne!(two[0].header("x-request-id"), two[1].header("x-request-id"));
}

#[tokio::test]
async fn identities_and_credentials_are_not_guessed() {
    for bad in [
        "email:",
        "emial:mara@tarnfell.example",
        "mara",
        "service",
        "",
    ] {
        let got = get_with("/v1/search?q=ice", &[("headwater-user", bad)]).await;
        got.problem(400, "bad-header");
    }
    let twice = [
        ("headwater-user", "anonymous"),
        ("headwater-user", "account:1"),
    ];
    get_with("/v1/search?q=ice", &twice)
        .await
        .problem(400, "bad-header");
    let got = get_with("/v1/search?q=ice", &[("authorization", "Bearer x")]).await;
    got.problem(401, "unauthenticated");
    assert!(got.header("www-authenticate").starts_with("Bearer"));
}

#[tokio::test]
async fn a_deadline_ends_a_request() {
    let fake = Fake::slow();
    let gate = fake.gate.clone();
    let soon = [("headwater-deadline-ms", "1")];
    let got = send(state(fake), "GET /v1/search?q=ice", &soon, "").await;
    got.problem(504, "deadline");
    gate.open();
    for bad in ["0", "-1", "soon"] {
        let got = get_with("/v1/search?q=ice", &[("headwater-deadline-ms", bad)]).await;
        got.problem(400, "bad-header");
    }
}

#[tokio::test]
async fn a_full_gate_answers_at_once() {
    let fake = Fake::slow();
    let gate = fake.gate.clone();
    let state = state(fake);
    let waiting: Vec<_> = (0..8)
        .map(|_| tokio::spawn(send(state.clone(), "GET /v1/search?q=ice", &[], "")))
        .collect();
    while state.admission.available_permits() > 0 {
        tokio::task::yield_now().await;
    }
    let got = send(state.clone(), "GET /v1/search?q=ice", &[], "").await;
    got.problem(503, "overloaded");
    assert_eq!(got.header("retry-after"), "1");
    assert_eq!(
        send(state.clone(), "GET /readyz", &[], "").await.status,
        200
    );
    gate.open();
    for request in waiting {
        assert_eq!(request.await.unwrap().status, 200);
    }
}

#[tokio::test]
async fn answers_are_compressed_on_request() {
    for coding in ["gzip", "br", "zstd"] {
        let got = get_with("/openapi.json", &[("accept-encoding", coding)]).await;
        assert_eq!(got.header("content-encoding"), coding);
    }
    let coded = [("accept-encoding", "gzip")];
    let got = get_with("/v1/documents/page:4587521", &coded).await;
    assert_eq!(got.header("content-encoding"), "gzip");
    let tag = got.header("etag").to_owned();
    assert!(tag.starts_with("W/"), "{tag}");
    let again = [("if-none-match", tag.as_str())];
    assert_eq!(
        get_with("/v1/documents/page:4587521", &again).await.status,
        304
    );
}

#[tokio::test]
async fn the_page_searches_without_scripts() {
    let home = get("/").await;
    assert!(home.text.contains("<form role=\"search\""));
    assert!(
        home.header("content-security-policy")
            .starts_with("default-src 'none'")
    );
    let found = get("/?q=%3Cscript%3Eice").await;
    assert!(found.text.contains("value=\"&lt;script&gt;ice\""));
    let text = "<mark>Ferries</mark> &lt;b&gt;<mark>stop</mark>&lt;/b&gt; at 9 cm &amp; more";
    assert!(found.text.contains(text), "{}", found.text);
    assert!(!found.text.contains("<script") && !found.text.contains("<b>"));
}

#[tokio::test]
async fn every_problem_has_its_page() {
    for kind in ProblemKind::ALL {
        let got = get(&format!("/problems/{}", kind.name())).await;
        assert_eq!(got.status, 200);
        assert!(got.text.contains(kind.title()), "{}", kind.name());
    }
    get("/problems/unheard-of")
        .await
        .problem(404, "route-not-found");
    let mut names: Vec<_> = ProblemKind::ALL.iter().map(|kind| kind.name()).collect();
    names.dedup();
    assert_eq!(names.len(), ProblemKind::ALL.len());
    assert!(
        ProblemKind::ALL
            .iter()
            .all(|kind| Method::from_bytes(kind.name().as_bytes()).is_ok())
    );
}
