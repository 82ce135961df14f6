//! Diagrams: the source where the page has it, else the name of the drawing.

use super::super::packed::{Packing, unpack};
use super::super::para;
use super::code::language;
use super::{Builder, MacroCall, MacroRule};
use crate::model::{BlockKind, ContentId, Target};

/// Diagrams written as text: the words in their nodes are worth finding.
pub(super) struct Source;

impl MacroRule for Source {
    fn names(&self) -> &'static [&'static str] {
        &[
            "plantuml",
            "plantumlrender",
            "mermaid-macro",
            "mermaid",
            "confluence-mermaid-macro",
            "graphviz",
            "zenuml",
            "zenuml-sequence-macro",
            "d2",
            "kroki",
        ]
    }

    fn doc(&self) -> &'static str {
        "The source as a fenced block in its language."
    }

    fn example(&self) -> (&'static str, &'static str) {
        (
            r#"<ac:structured-macro ac:name="mermaid"><ac:plain-text-body><![CDATA[graph TD; Gate-->Vault]]></ac:plain-text-body></ac:structured-macro>"#,
            "```mermaid\ngraph TD; Gate-->Vault\n```",
        )
    }

    fn convert(&self, mut call: MacroCall, out: &mut Builder<'_>) {
        let engine = ["plantuml", "mermaid", "graphviz", "zenuml", "d2"];
        let engine = engine.into_iter().find(|engine| call.name.contains(engine));
        // One service for many languages is told which.
        let told = call.first_param(&["type", "diagramtype", "language"]);
        let told = told.filter(|_| engine.is_none()).and_then(language);
        let engine = told.as_deref().or(engine).unwrap_or("kroki");
        let title = call.line(&["title"]);
        let attachment = call.line(&["filename"]);
        if let Some(file_name) = &attachment {
            out.flush();
            out.record_attachment(file_name, None, "diagram");
        }
        let source = call.plain().map(|text| text.trim_matches('\n').to_owned());
        let source = source.filter(|source| !source.trim().is_empty());
        // The name of the file says something only where the source does not.
        let file_name = attachment.clone().filter(|_| source.is_none());
        let title = title.or(file_name);
        let range = call.source.clone();
        let rich = call.take_rich();
        if source.is_some() || title.is_some() {
            out.block(
                BlockKind::Diagram {
                    engine: engine.into(),
                    source,
                    title: title.map(Into::into),
                    attachment: attachment.map(Into::into),
                },
                range,
            );
        }
        out.splice(rich);
    }
}

/// Diagrams whose source an app packed into a parameter.
pub(super) struct Packed;

impl MacroRule for Packed {
    fn names(&self) -> &'static [&'static str] {
        &["plantumlcloud", "mermaid-cloud"]
    }

    fn doc(&self) -> &'static str {
        "The source that is packed into it, as a fenced block; else the name of its file."
    }

    fn example(&self) -> (&'static str, &'static str) {
        (
            r#"<ac:structured-macro ac:name="mermaid-cloud"><ac:parameter ac:name="data">Z3JhcGggVEQ7IEdhdGUtLT5WYXVsdA==</ac:parameter><ac:parameter ac:name="compressed">false</ac:parameter></ac:structured-macro>"#,
            "```mermaid\ngraph TD; Gate-->Vault\n```",
        )
    }

    fn convert(&self, mut call: MacroCall, out: &mut Builder<'_>) {
        let compressed = call
            .param("compressed")
            .is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let packing = if compressed {
            Packing::Deflate
        } else {
            Packing::Plain
        };
        let data = call.param("data");
        let source = data.and_then(|data| unpack(data, packing));
        if data.is_some() && source.is_none() {
            out.warnings
                .note("diagram_not_unpacked", out.offset, &call.name);
        }
        let source = source.or_else(|| call.plain());
        let attachment = call.line(&["filename"]);
        if let Some(file_name) = &attachment {
            out.flush();
            out.record_attachment(file_name, None, "diagram");
        }
        // The name of the file says something only where the source does not.
        let file_name = attachment.clone().filter(|_| source.is_none());
        let title = call.line(&["title"]).or(file_name);
        let engine = match call.name.as_str() {
            "plantumlcloud" => "plantuml",
            _ => "mermaid",
        };
        let range = call.source.clone();
        let rich = call.take_rich();
        if source.is_some() || title.is_some() {
            let kind = BlockKind::Diagram {
                engine: engine.into(),
                source: source.map(|source| clean(&source)),
                title: title.map(Into::into),
                attachment: attachment.map(Into::into),
            };
            out.block(kind, range);
        }
        out.splice(rich);
    }
}

/// Drawings that stand in an attachment or at a service.
pub(super) struct Drawing;

impl MacroRule for Drawing {
    fn names(&self) -> &'static [&'static str] {
        &[
            "drawio",
            "drawio-sketch",
            "inc-drawio",
            "gliffy",
            "lucidchart",
            "balsamiq",
            "mindmap",
            "miro",
            "figma",
        ]
    }

    fn doc(&self) -> &'static str {
        "The drawing's name; the files it may stand in are recorded."
    }

    fn example(&self) -> (&'static str, &'static str) {
        (
            r#"<ac:structured-macro ac:name="drawio"><ac:parameter ac:name="diagramName">Vault plan</ac:parameter><ac:parameter ac:name="revision">7</ac:parameter></ac:structured-macro>"#,
            "Diagram: Vault plan",
        )
    }

    fn convert(&self, call: MacroCall, out: &mut Builder<'_>) {
        const NAMES: [&str; 5] = [
            "diagramdisplayname",
            "displayname",
            "diagramname",
            "name",
            "filename",
        ];
        let digits = |id: &&str| id.bytes().all(|byte| byte.is_ascii_digit());
        let container = match call.target("page") {
            Some(target @ Target::Page { .. }) => Some(target.clone()),
            // Other drawings tell the id of the page that they are on.
            _ if call.name == "inc-drawio" => {
                let id = call.first_param(&["pageid", "page"]).filter(digits);
                id.map(|id| Target::Content {
                    id: ContentId::new(id),
                })
            }
            _ => None,
        };
        let name = call
            .line(&["diagramname", "name", "filename"])
            .or_else(|| call.line(&NAMES));
        if let Some(name) = &name {
            out.flush();
            for ending in ["", ".png", ".drawio"] {
                let file_name = format!("{name}{ending}");
                out.record_attachment(&file_name, container.as_ref(), "diagram");
            }
        }
        let title = call.line(&NAMES).filter(|title| is_readable(title));
        let engine = call.name.as_str().into();
        if title.is_some() || name.is_some() {
            let kind = BlockKind::Diagram {
                engine,
                source: None,
                title: title.map(Into::into),
                attachment: name.map(Into::into),
            };
            out.block(kind, call.source.clone());
        }
        out.transparent(call);
    }
}

/// Has letters and is not an id that a program made up.
fn is_readable(title: &str) -> bool {
    let letters = title.chars().any(char::is_alphabetic);
    let compact: String = title.chars().filter(|c| *c != '-').collect();
    let id = compact.len() >= 16 && compact.chars().all(|c| c.is_ascii_hexdigit());
    letters && !id
}

/// What came out of a packed parameter, as text of a body is cleaned.
fn clean(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    para::push_literal(&mut out, source);
    out.trim_matches('\n').to_owned()
}
