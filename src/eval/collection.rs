//! A judged collection as its files say it: questions, judgements and where the documents
//! are.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

/// A line that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{line}: {cause}")]
pub(crate) struct LineError {
    /// From 1.
    pub(crate) line: usize,
    pub(crate) cause: String,
}

/// A question of `queries.jsonl`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Query {
    pub(crate) id: String,
    pub(crate) text: String,
    /// What sort of question it is, for figures by kind.
    pub(crate) kind: Option<String>,
    pub(crate) lang: Option<String>,
    pub(crate) split: Option<String>,
    /// On whose behalf it is asked; `None`: the service view.
    pub(crate) identity: Option<String>,
}

/// Which questions count: tuning looks at one part, reports at the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Split {
    Calibrate,
    Report,
    #[default]
    All,
}

impl Split {
    /// Whether a question counts. One that names no split counts only for all.
    pub(crate) fn admits(self, query: &Query) -> bool {
        let named = match self {
            Self::Calibrate => "calibrate",
            Self::Report => "report",
            Self::All => return true,
        };
        query.split.as_deref() == Some(named)
    }
}

/// A line of `qrels.tsv`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Judgement {
    pub(crate) query: String,
    pub(crate) document: String,
    /// 0: looked at and not relevant.
    pub(crate) grade: f64,
}

/// `collection.json`: what a collection without documents of its own says of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Manifest {
    pub(crate) name: Option<String>,
    /// Sources, relative to the collection's folder.
    pub(crate) from: Vec<String>,
}

/// Reads `queries.jsonl`: objects with `id` and `text`; `kind`, `lang`, `split` and `as` may
/// be there, anything else is left aside.
pub(crate) fn queries(text: &str) -> Result<Vec<Query>, LineError> {
    let mut queries: Vec<Query> = Vec::new();
    let mut lines: HashMap<String, usize> = HashMap::new();
    for (line, text) in lines_of(text) {
        let bad = |cause: String| LineError { line, cause };
        let query = query(text).map_err(bad)?;
        if let Some(before) = lines.insert(query.id.clone(), line) {
            let cause = format!("query `{}` is on line {before} already", query.id);
            return Err(bad(cause));
        }
        queries.push(query);
    }
    Ok(queries)
}

/// The lines that hold something, with their numbers.
fn lines_of(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = text.lines().enumerate().map(|(n, line)| (n + 1, line));
    lines.filter(|(_, line)| !line.trim().is_empty())
}

#[derive(Deserialize)]
struct QueryLine {
    id: Value,
    text: String,
    kind: Option<String>,
    lang: Option<String>,
    split: Option<String>,
    #[serde(rename = "as")]
    identity: Option<String>,
}

fn query(line: &str) -> Result<Query, String> {
    let line: QueryLine = serde_json::from_str(line)
        .map_err(|error| format!("expected an object with `id` and `text`: {error}"))?;
    if line.text.trim().is_empty() {
        return Err("`text` is empty".to_owned());
    }
    if let Some(split) = &line.split
        && !matches!(split.as_str(), "calibrate" | "report")
    {
        return Err(format!(
            "`split` is `{split}`: expected `calibrate` or `report`"
        ));
    }
    Ok(Query {
        id: id(&line.id)?,
        text: line.text,
        kind: line.kind,
        lang: line.lang,
        split: line.split,
        identity: line.identity,
    })
}

fn id(value: &Value) -> Result<String, String> {
    match value {
        Value::String(id) if !id.is_empty() => Ok(id.clone()),
        Value::Number(id) => Ok(id.to_string()),
        _ => Err("`id` is no text and no number".to_owned()),
    }
}

/// Reads `qrels.tsv`: query id, document id, grade. Lines of TREC's four columns and the
/// heading of BEIR are read too. A judgement that is there twice counts once.
pub(crate) fn judgements(text: &str) -> Result<Vec<Judgement>, LineError> {
    let mut judgements = Vec::new();
    let mut judged: HashMap<(&str, &str), (usize, f64)> = HashMap::new();
    for (line, text) in lines_of(text) {
        let bad = |cause: String| LineError { line, cause };
        let fields: Vec<&str> = text.split('\t').map(str::trim).collect();
        let (query, document, grade) = match fields[..] {
            ["query-id", "corpus-id", ..] if judgements.is_empty() => continue,
            [query, document, grade] | [query, _, document, grade] => (query, document, grade),
            _ => {
                let cause = format!(
                    "expected query id, document id and grade with tabs between, found {} columns",
                    fields.len()
                );
                return Err(bad(cause));
            }
        };
        if query.is_empty() || document.is_empty() {
            return Err(bad("an id is empty".to_owned()));
        }
        let grade = grade.parse::<f64>().ok().filter(|grade| grade.is_finite());
        let Some(grade) = grade.filter(|grade| *grade >= 0.0) else {
            let found = fields.last().copied().unwrap_or_default();
            return Err(bad(format!("grade `{found}` is not a number from 0 up")));
        };
        match judged.insert((query, document), (line, grade)) {
            // Said twice, which published collections do.
            Some((_, before)) if before.total_cmp(&grade).is_eq() => continue,
            Some((before, _)) => {
                let cause =
                    format!("`{document}` has another grade for `{query}` on line {before}");
                return Err(bad(cause));
            }
            None => {}
        }
        judgements.push(Judgement {
            query: query.to_owned(),
            document: document.to_owned(),
            grade,
        });
    }
    Ok(judgements)
}

/// Reads `collection.json`.
pub(crate) fn manifest(text: &str) -> Result<Manifest, String> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum From {
        One(String),
        Several(Vec<String>),
    }
    #[derive(Deserialize)]
    struct Written {
        name: Option<String>,
        from: Option<From>,
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let written: Written = serde_json::from_str(text).map_err(|error| error.to_string())?;
    Ok(Manifest {
        name: written.name,
        from: match written.from {
            None => Vec::new(),
            Some(From::One(one)) => vec![one],
            Some(From::Several(several)) => several,
        },
    })
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check_queries(text: &str, expected: Expect) {
        let got = match queries(text) {
            Ok(queries) => {
                let line = |q: &Query| {
                    let more = [&q.kind, &q.lang, &q.split, &q.identity];
                    let more = more.map(|field| field.as_deref().unwrap_or("-"));
                    format!("{} {:?} {}\n", q.id, q.text, more.join(" "))
                };
                queries.iter().map(line).collect()
            }
            Err(error) => error.to_string(),
        };
        expected.assert_eq(&got);
    }

    fn check_judgements(text: &str, expected: Expect) {
        let got = match judgements(text) {
            Ok(judgements) => {
                let line = |j: &Judgement| format!("{} {} {}\n", j.query, j.document, j.grade);
                judgements.iter().map(line).collect()
            }
            Err(error) => error.to_string(),
        };
        expected.assert_eq(&got);
    }

    #[test]
    fn queries_have_ids_and_texts() {
        check_queries(
            "\u{feff}{\"id\": 1, \"text\": \"a b\"}\r\n\n{\"id\":\"q2\",\"text\":\"c\",\"kind\":\
             \"howto\",\"lang\":\"de\",\"split\":\"report\",\"as\":\"anonymous\",\"note\":7}",
            expect![[r#"
                1 "a b" - - - -
                q2 "c" howto de report anonymous
            "#]],
        );
        check_queries("\n\n", expect![""]);
    }

    #[test]
    fn queries_that_cannot_be_used_are_named() {
        let good = "{\"id\":\"1\",\"text\":\"a\"}\n";
        check_queries(
            &format!("{good}{{\"id\":\"2\"}}"),
            expect![
                "2: expected an object with `id` and `text`: missing field `text` at line 1 column 10"
            ],
        );
        check_queries(
            &format!("{good}\n{good}"),
            expect!["3: query `1` is on line 1 already"],
        );
        check_queries(
            "{\"id\":\"1\",\"text\":\" \"}",
            expect!["1: `text` is empty"],
        );
        check_queries(
            "{\"id\":null,\"text\":\"a\"}",
            expect!["1: `id` is no text and no number"],
        );
        check_queries(
            "{\"id\":\"1\",\"text\":\"a\",\"split\":\"test\"}",
            expect!["1: `split` is `test`: expected `calibrate` or `report`"],
        );
    }

    #[test]
    fn judgements_have_three_columns_or_four() {
        check_judgements(
            "query-id\tcorpus-id\tscore\nq1\tpage:7\t2\r\nq1\tpage:7\t2\nq1\t0\t8\t0\n\nq2\t7\t0.5\n",
            expect![[r#"
                q1 page:7 2
                q1 8 0
                q2 7 0.5
            "#]],
        );
    }

    #[test]
    fn judgements_that_cannot_be_used_are_named() {
        check_judgements(
            "q1\t7\t1\nq1 8 1",
            expect![
                "2: expected query id, document id and grade with tabs between, found 1 columns"
            ],
        );
        check_judgements(
            "q1\t7\tyes",
            expect!["1: grade `yes` is not a number from 0 up"],
        );
        check_judgements(
            "q1\t7\t-1",
            expect!["1: grade `-1` is not a number from 0 up"],
        );
        check_judgements("\t7\t1", expect!["1: an id is empty"]);
        check_judgements(
            "q1\t7\t1\nq1\t7\t1\nq1\t7\t2",
            expect!["3: `7` has another grade for `q1` on line 2"],
        );
    }

    #[test]
    fn manifests_name_one_source_or_several() {
        let from = |text| manifest(text).map(|manifest| manifest.from);
        assert_eq!(
            from(r#"{"name":"x","from":"../site"}"#).unwrap(),
            ["../site"]
        );
        assert_eq!(from(r#"{"from":["a","b"],"about":1}"#).unwrap(), ["a", "b"]);
        assert!(from("{}").unwrap().is_empty());
        assert!(from("[]").is_err());
    }

    #[test]
    fn a_query_without_a_split_is_in_none() {
        let mut queries = queries("{\"id\":\"1\",\"text\":\"a\"}").unwrap();
        let query = &mut queries[0];
        assert!(Split::All.admits(query) && !Split::Report.admits(query));
        query.split = Some("report".to_owned());
        assert!(Split::Report.admits(query) && !Split::Calibrate.admits(query));
    }
}
