//! How much is filled in, and what stays true of the page itself.

use super::{RULES, macro_of, page, read_as, site};
use crate::search::api::{ReadRequest, SearchRequest};

#[test]
fn what_is_filled_in_is_bounded_and_says_so() {
    let long = "<p>Much text of a page that is included.</p>".repeat(2000);
    let host = [
        macro_of("include", &[("", "Long")]),
        macro_of("include", &[("", "Rules")]),
        macro_of("include", &[("", "Rules")]),
    ]
    .concat();
    let pages = [
        page(9, "Host", &[], &host),
        page(2, "Long", &[], &long),
        page(3, "Rules", &[], RULES),
    ];
    let (_dir, headwater) = site(&pages);
    let most = ReadRequest {
        max_tokens: Some(100_000),
        ..ReadRequest::default()
    };
    let content = read_as(&headwater, 9, "mira", &most);
    let text = content.text.unwrap();
    assert!(text.len() < 80_000, "{}", text.len());
    assert!(
        text.contains("bytes are shown)") && text.contains("Not filled in from here on: 64 KB")
    );
    assert_eq!(content.filled.len(), 2);
    assert!(content.filled.iter().all(|filled| filled.truncated));

    let many = macro_of("include", &[("", "Rules")]).repeat(150);
    let pages = [page(9, "Host", &[], &many), page(3, "Rules", &[], RULES)];
    let (_dir, headwater) = site(&pages);
    let content = read_as(&headwater, 9, "mira", &most);
    assert_eq!(content.filled.len(), 101);
    assert!(
        content
            .text
            .unwrap()
            .contains("Not filled in from here on: 100 places")
    );
}

#[test]
fn pages_of_a_reading_join_to_the_whole_and_spans_stay_true() {
    let paragraphs = "<p>A paragraph that goes on for a while, so that pages end.</p>".repeat(60);
    let host = format!(
        "<h1>One</h1>{paragraphs}{}<h1>Two</h1>{paragraphs}",
        macro_of("include", &[("", "Rules")])
    );
    let pages = [
        page(9, "Host", &[], &host),
        page(2, "Rules", &[], &(RULES.to_owned() + &paragraphs)),
    ];
    let (_dir, headwater) = site(&pages);
    let most = ReadRequest {
        max_tokens: Some(100_000),
        ..ReadRequest::default()
    };
    let whole = read_as(&headwater, 9, "mira", &most).text.unwrap();
    let own = ReadRequest {
        expand: Some(false),
        ..most
    };
    let own: Vec<char> = read_as(&headwater, 9, "mira", &own)
        .text
        .unwrap()
        .chars()
        .collect();
    let mut request = ReadRequest {
        max_tokens: Some(200),
        ..ReadRequest::default()
    };
    let (mut joined, mut at) = (String::new(), 0);
    loop {
        let content = read_as(&headwater, 9, "mira", &request);
        assert!(content.est_tokens <= 200);
        let text = content.text.unwrap();
        joined.push_str(&text);
        let mut chars: Vec<char> = text.chars().collect();
        for part in content.filled.iter().rev() {
            chars.drain(part.start..part.end);
        }
        let span = content.span.unwrap();
        assert_eq!(span.start, at);
        at = span.end;
        assert_eq!(chars, own[span.start..span.end]);
        request.cursor = content.next_cursor;
        if request.cursor.is_none() {
            break;
        }
    }
    assert_eq!(joined, whole);
    assert_eq!(at, own.len());
}

#[test]
fn only_what_is_read_is_filled_in_and_nothing_is_found_by_it() {
    let paragraphs = "<p>A paragraph that goes on for a while.</p>".repeat(5);
    let host = format!(
        "<h1>One</h1>{paragraphs}{}<h1>Two</h1>{paragraphs}",
        macro_of("include", &[("", "Rules")])
    );
    let pages = [page(9, "Host", &[], &host), page(2, "Rules", &[], RULES)];
    let (_dir, headwater) = site(&pages);
    let section = |section: &str| ReadRequest {
        section: Some(section.to_owned()),
        max_tokens: Some(100_000),
        ..ReadRequest::default()
    };
    assert_eq!(
        read_as(&headwater, 9, "mira", &section("One")).filled.len(),
        1
    );
    assert_eq!(read_as(&headwater, 9, "mira", &section("Two")).filled, []);
    let window = |expand| ReadRequest {
        lines: Some("1-200".to_owned()),
        max_tokens: Some(100_000),
        expand,
        ..ReadRequest::default()
    };
    let own = read_as(&headwater, 9, "mira", &window(None));
    assert_eq!(own.filled, []);
    let expanded = read_as(&headwater, 9, "mira", &window(Some(true)));
    assert_eq!((expanded.filled.len(), expanded.span), (1, own.span));
    // Nobody finds a page by what it includes.
    let request = SearchRequest {
        query: Some("smoking".into()),
        ..SearchRequest::default()
    };
    let answer = headwater.search(&request, Some("mira")).unwrap();
    let ids: Vec<&str> = answer
        .results
        .iter()
        .map(|result| result.document.id.as_str())
        .collect();
    assert_eq!(ids, ["page:2"]);
}
