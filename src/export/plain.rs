//! Documents of plain text as pages: `corpus.jsonl` of a judged collection, one
//! `{"id","title","text"}` a line, plain or packed.
//!
//! The text becomes a storage format body, so that it goes the whole way of a page:
//! blank lines part paragraphs, line ends are kept.

use std::collections::HashMap;
use std::path::Path;

use serde_json::Value;

use crate::model::{Content, ContentId, ContentType, RawBody, Representation};
use crate::ports::{
    Completeness, Deployment, PortResult, SiteInfo, Source, SourceItem, SourceSink,
};

use super::elements::Elements;
use super::files::{self, DiskFolder, Folder};
use super::input::{Input, Progress};
use super::json::{self, Refusal};
use super::{not_found, unreadable};

/// Opens a file of plain documents.
///
/// # Errors
///
/// `NotFound` when there is no such file.
pub(crate) fn open_plain(path: &Path) -> PortResult<Box<dyn Source>> {
    let (folder, name) = files::file(path).map_err(|error| not_found(path, error))?;
    Ok(Box::new(Plain { folder, name }))
}

struct Plain {
    folder: DiskFolder,
    name: String,
}

impl Source for Plain {
    fn site(&self) -> PortResult<SiteInfo> {
        Ok(SiteInfo {
            name: self.folder.label(),
            base_url: String::new(),
            deployment: Deployment::Cloud,
            time_zone: None,
            told: crate::model::Told::default(),
        })
    }

    fn size_hint(&self) -> Option<u64> {
        Some(self.folder.size(&self.name))
    }

    fn read(&mut self, sink: &mut dyn SourceSink) -> PortResult<Completeness> {
        let progress = Progress::default();
        let mut completeness = Completeness::Complete;
        let input = match Input::open(&self.folder, &self.name, &progress) {
            Ok(input) => input,
            Err(error) => {
                sink.failure(unreadable(self.name.clone(), &error));
                return Ok(Completeness::Partial);
            }
        };
        let mut lines: HashMap<ContentId, u64> = HashMap::new();
        for cut in Elements::new(input, files::Form::Lines) {
            let failure = match cut {
                Err(refusal) => {
                    let place = format!("{}:{}", self.name, refusal.line);
                    unreadable(place, &refusal.cause)
                }
                Ok(cut) => match item(&cut.bytes).and_then(|i| first(i, cut.line, &mut lines)) {
                    Ok(item) => {
                        if !sink.item(item)? {
                            return Ok(Completeness::Partial);
                        }
                        sink.progress(progress.bytes());
                        continue;
                    }
                    Err(refusal) => refusal.at("parse", cut.place(&self.name)),
                },
            };
            completeness = Completeness::Partial;
            sink.failure(failure);
        }
        sink.progress(progress.bytes());
        Ok(completeness)
    }
}

/// Refuses a document whose id was there before: which of the two is meant is not known.
fn first(
    (content, body): (Content, RawBody),
    line: u64,
    lines: &mut HashMap<ContentId, u64>,
) -> Result<SourceItem, Refusal> {
    if let Some(before) = lines.insert(content.id.clone(), line) {
        let cause = format!("this id is on line {before} already");
        return Err(Refusal::new(cause).of(Some(content.id)));
    }
    Ok(SourceItem::Content {
        content,
        body: Some(body),
    })
}

fn item(line: &[u8]) -> Result<(Content, RawBody), Refusal> {
    let object = json::parse(line)?;
    let id = match &object["id"] {
        Value::String(id) if !id.is_empty() => id.clone(),
        Value::Number(id) => id.to_string(),
        _ => return Err(Refusal::new("`id` is missing")),
    };
    let id = ContentId::new(id);
    let text = |name: &str| match &object[name] {
        Value::String(text) => Ok(Some(text.as_str())),
        Value::Null => Ok(None),
        _ => Err(Refusal::new(format!("`{name}` is not text")).of(Some(id.clone()))),
    };
    let title = text("title")?.unwrap_or_default();
    let Some(body) = text("text")? else {
        return Err(Refusal::new("`text` is missing").of(Some(id.clone())));
    };
    let body = RawBody {
        representation: Representation::Storage,
        value: storage(body),
    };
    Ok((Content::new(ContentType::Page, id.clone(), title), body))
}

/// Text as paragraphs of the storage format.
fn storage(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16 + 16);
    let mut open = false;
    for line in text.lines() {
        if line.trim().is_empty() {
            if open {
                out.push_str("</p>");
            }
            open = false;
            continue;
        }
        out.push_str(if open { "<br/>" } else { "<p>" });
        open = true;
        for c in line.chars() {
            match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                c => out.push(c),
            }
        }
    }
    if open {
        out.push_str("</p>");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_keeps_its_paragraphs_and_characters() {
        let text = "# Title\r\na <b> & c\n\n\n  next\n";
        let expected = "<p># Title<br/>a &lt;b&gt; &amp; c</p><p>  next</p>";
        assert_eq!(storage(text), expected);
        assert_eq!(storage(" \n"), "");
    }

    #[test]
    fn lines_that_are_no_documents_are_refused() {
        let cause = |line: &str| item(line.as_bytes()).map(|_| ()).unwrap_err().cause;
        assert_eq!(cause("{\"title\":\"x\",\"text\":\"y\"}"), "`id` is missing");
        assert_eq!(cause("{\"id\":1,\"title\":\"x\"}"), "`text` is missing");
        assert_eq!(cause("{\"id\":1,\"text\":[]}"), "`text` is not text");
        assert!(cause("{\"id\":1").starts_with("not JSON: "));
        let (content, body) = item(b"{\"id\":7,\"text\":\"y\"}").unwrap();
        assert_eq!((content.id.as_str(), &*content.title), ("7", ""));
        assert_eq!(body.value, "<p>y</p>");
    }
}
