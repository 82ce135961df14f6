//! Macros that stand in a line of text.

use super::super::{links, plain};
use super::{Builder, MacroBody, MacroCall, MacroRule};
use crate::model::{Inline, JiraRef, StatusRef, Target, User};

/// A place to link to.
pub(super) struct Anchor;

impl MacroRule for Anchor {
    fn names(&self) -> &'static [&'static str] {
        &["anchor"]
    }

    fn doc(&self) -> &'static str {
        "Nothing to read; recorded by its name."
    }

    fn example(&self) -> (&'static str, &'static str) {
        (
            r#"<p><ac:structured-macro ac:name="anchor"><ac:parameter ac:name="">limits</ac:parameter></ac:structured-macro>Ten a day.</p>"#,
            "Ten a day.",
        )
    }

    fn convert(&self, call: MacroCall, out: &mut Builder<'_>) {
        // It is part of an address, where every character counts.
        if let Some(name) = call.first_param(&["", "name"]) {
            let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
            out.record_anchor(&name);
            out.inline(Inline::Anchor { name });
        }
        out.transparent(call);
    }
}

/// A coloured word.
pub(super) struct Status;

impl MacroRule for Status {
    fn names(&self) -> &'static [&'static str] {
        &["status", "status-handy"]
    }

    fn doc(&self) -> &'static str {
        "Its title, else the name of its colour."
    }

    fn example(&self) -> (&'static str, &'static str) {
        (
            r#"<p>State: <ac:structured-macro ac:name="status"><ac:parameter ac:name="colour">Green</ac:parameter><ac:parameter ac:name="title">DONE</ac:parameter></ac:structured-macro></p>"#,
            "State: DONE",
        )
    }

    fn convert(&self, call: MacroCall, out: &mut Builder<'_>) {
        let colour = call.line(&["colour", "color"]);
        if let Some(title) = call.line(&["title"]).or_else(|| colour.clone()) {
            let status = StatusRef {
                title: title.clone(),
                colour: colour.clone(),
            };
            out.meta.statuses.push(status);
            out.inline(Inline::Status { title, colour });
        }
        out.transparent(call);
    }
}

/// An issue, or a list of issues that Jira computes.
pub(super) struct Jira;

impl MacroRule for Jira {
    fn names(&self) -> &'static [&'static str] {
        &["jira", "jiraissues", "jirachart"]
    }

    fn doc(&self) -> &'static str {
        "The key of an issue; of a query a label line."
    }

    fn example(&self) -> (&'static str, &'static str) {
        (
            r#"<p>See <ac:structured-macro ac:name="jira"><ac:parameter ac:name="server">Tracker</ac:parameter><ac:parameter ac:name="key">OPS-7</ac:parameter></ac:structured-macro>.</p>"#,
            "See OPS-7.",
        )
    }

    fn convert(&self, call: MacroCall, out: &mut Builder<'_>) {
        let mut key = call.line(&["key"]);
        let mut jql = call.line(&["jqlquery", "jql"]);
        let unnamed = call.line(&[""]);
        match &unnamed {
            Some(text) if key.is_none() && is_issue_key(text) => key = unnamed,
            Some(text) if key.is_none() && jql.is_none() && text.contains(['=', '~']) => {
                jql = unnamed;
            }
            _ => {}
        }
        let jql = jql.or_else(|| query_of(call.param("url")?));
        if key.is_some() || jql.is_some() {
            out.meta.jira.push(JiraRef {
                key: key.clone(),
                jql: jql.clone(),
                server: call.line(&["server"]),
            });
        }
        let summary = call.line(&["summary"]);
        let summary = summary.filter(|summary| super::is_words(summary));
        if let Some(key) = key {
            match browse(&call, &key) {
                Some(target) => out.inline(Inline::Link {
                    target: Box::new(target),
                    label: vec![Inline::Text { text: key }],
                }),
                None => out.inline(Inline::JiraIssue { key }),
            }
            if let Some(summary) = summary {
                out.words(" ");
                out.words(&summary);
            }
        } else if let Some(jql) = jql {
            if let Some(summary) = summary {
                out.words(&summary);
            }
            super::generated::put_label(&call, format!("Jira issues: {jql}"), None, out);
        }
        out.transparent(call);
    }
}

/// The query in the address of a list of issues.
fn query_of(url: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, jql) = pairs.find(|(key, _)| matches!(*key, "jqlQuery" | "jql"))?;
    plain::line(&links::percent_decode(&jql.replace('+', " ")))
}

/// The page of an issue, where the macro says at which address its Jira is. Nothing is asked
/// of it.
fn browse(call: &MacroCall, key: &str) -> Option<Target> {
    let base = call.first_param(&["baseurl", "server", "url"])?;
    let web = base.starts_with("https://") || base.starts_with("http://");
    // The address of a query leads to a list, not to an issue.
    let base = base.split("/sr/").next().unwrap_or(base);
    let url = format!("{}/browse/{key}", base.trim_end_matches('/'));
    web.then_some(Target::Url { url })
}

fn is_issue_key(text: &str) -> bool {
    let Some((project, number)) = text.rsplit_once('-') else {
        return false;
    };
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let letters = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    digits && !project.is_empty() && project.chars().all(letters)
}

/// A person's card.
pub(super) struct Profile;

impl MacroRule for Profile {
    fn names(&self) -> &'static [&'static str] {
        &["profile", "profile-picture"]
    }

    fn doc(&self) -> &'static str {
        "A mention of the person."
    }

    fn example(&self) -> (&'static str, &'static str) {
        (
            r#"<ac:structured-macro ac:name="profile"><ac:parameter ac:name="user"><ri:user ri:username="mira"/></ac:parameter><ac:parameter ac:name="showPhoto">false</ac:parameter></ac:structured-macro>"#,
            "@mira",
        )
    }

    fn convert(&self, call: MacroCall, out: &mut Builder<'_>) {
        let named = |name: &str| User {
            username: Some(plain::cleaned(name).into_owned()),
            ..User::default()
        };
        let user = call.targets().find_map(|target| match target {
            Target::User { user } => Some((**user).clone()),
            _ => None,
        });
        let user = user.or_else(|| call.first_param(&["user", "id", ""]).map(named));
        if let Some(user) = user {
            out.mention(user);
        }
        out.transparent(call);
    }
}

/// A remark to what stands before it.
pub(super) struct Footnote;

impl MacroRule for Footnote {
    fn names(&self) -> &'static [&'static str] {
        &["footnote", "cfm-footnote", "cfm-tooltip", "tooltip"]
    }

    fn doc(&self) -> &'static str {
        "The remark in parentheses."
    }

    fn example(&self) -> (&'static str, &'static str) {
        (
            r#"<p>Rare<ac:structured-macro ac:name="footnote"><ac:rich-text-body>twice a year</ac:rich-text-body></ac:structured-macro></p>"#,
            "Rare (twice a year)",
        )
    }

    fn convert(&self, mut call: MacroCall, out: &mut Builder<'_>) {
        let remark = call.line(&["text", "tooltip"]);
        if call.inlines.is_empty() {
            call.flatten();
        }
        let number = call.number;
        let mut inlines = std::mem::take(&mut call.inlines);
        if inlines.is_empty()
            && let [MacroBody::Plain(text)] = call.bodies.as_mut_slice()
            && let Some(text) = plain::line(text)
        {
            inlines.push(Inline::Text { text });
            call.bodies.clear();
        }
        if call.name.contains("tooltip") {
            out.append(inlines, number);
        } else if !inlines.is_empty() {
            out.words(" (");
            out.append(inlines, number);
            out.words(")");
        }
        if let Some(remark) = remark {
            out.words(" (");
            out.words(&remark);
            out.words(")");
        }
        out.transparent(call);
    }
}
