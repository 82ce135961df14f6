//! Code and other text that stays as it is.

use super::{Builder, MacroCall, MacroRule};

/// Source code.
pub(super) struct Code;

impl MacroRule for Code {
    fn names(&self) -> &'static [&'static str] {
        &["code", "paste-code-macro", "code-block", "newcode"]
    }

    fn doc(&self) -> &'static str {
        "A fenced block with its language and its title."
    }

    fn example(&self) -> (&'static str, &'static str) {
        (
            r#"<ac:structured-macro ac:name="code"><ac:parameter ac:name="language">py</ac:parameter><ac:parameter ac:name="collapse">true</ac:parameter><ac:plain-text-body><![CDATA[def f(x):
    return x[0]]]]><![CDATA[>1]]></ac:plain-text-body></ac:structured-macro>"#,
            "```python\ndef f(x):\n    return x[0]]>1\n```",
        )
    }

    fn convert(&self, call: MacroCall, out: &mut Builder<'_>) {
        let language = call.first_param(&["language", ""]).and_then(language);
        fenced(language, call, out);
    }
}

/// Text as it is.
pub(super) struct NoFormat;

impl MacroRule for NoFormat {
    fn names(&self) -> &'static [&'static str] {
        &["noformat"]
    }

    fn doc(&self) -> &'static str {
        "A fenced block without a language."
    }

    fn example(&self) -> (&'static str, &'static str) {
        (
            r#"<ac:structured-macro ac:name="noformat"><ac:parameter ac:name="nopanel">true</ac:parameter><ac:plain-text-body><![CDATA[a   b]]></ac:plain-text-body></ac:structured-macro>"#,
            "```\na   b\n```",
        )
    }

    fn convert(&self, call: MacroCall, out: &mut Builder<'_>) {
        fenced(None, call, out);
    }
}

pub(super) fn fenced(language: Option<String>, mut call: MacroCall, out: &mut Builder<'_>) {
    let title = call.line(&["title"]);
    let source = call.source.clone();
    let text = call.take_plain();
    out.splice(call.take_rich());
    if text.is_some() || title.is_some() {
        out.code(language, title, text.unwrap_or_default(), source);
    }
}

/// The name under which highlighters know a language; `None` for none.
pub(super) fn language(name: &str) -> Option<String> {
    let name = name.trim().to_lowercase();
    let known = match name.as_str() {
        "none" | "text" | "plain" | "plaintext" | "" => return None,
        "py" => "python",
        "js" => "javascript",
        "sh" | "shell" => "bash",
        "c#" => "csharp",
        "html/xml" => "xml",
        "yml" => "yaml",
        _ => &name,
    };
    // What stands after the fence must be one word that cannot end the fence.
    let word = |c: char| c.is_alphanumeric() || matches!(c, '+' | '#' | '-' | '_' | '.' | '/');
    known.chars().all(word).then(|| known.to_owned())
}
