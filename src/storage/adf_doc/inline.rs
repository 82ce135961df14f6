//! What stands in lines of text, and the marks on it.

use std::borrow::Cow;

use super::node::Node;
use super::{Ends, Frame, Step, Walk};

impl<'s> Walk<'_, 's> {
    pub(super) fn inline_node(&mut self, node: &Node<'_, 's>) -> Step {
        self.link(node);
        let out = &mut self.out;
        match &*node.kind {
            "text" => self.text(node),
            "hardBreak" => out.empty("br", &[]),
            "status" => {
                out.macro_open("status");
                out.parameter("title", &node.attr("text").unwrap_or_default());
                let colour = node.attr("color").map(|colour| status_colour(&colour));
                out.parameter("colour", &colour.unwrap_or_default());
                out.close("ac:structured-macro");
            }
            "date" => {
                let told = node.attr("timestamp").unwrap_or_default();
                match day(&told) {
                    Some(date) => out.empty("time", &[("datetime", &date)]),
                    None => out.text(&told),
                }
            }
            "mention" => self.mention(node),
            "emoji" => self.emoji(node),
            "inlineCard" => self.card(node),
            "mediaInline" => self.media_inline(node),
            "inlineExtension" => return self.extension(node),
            "confluenceJiraIssue" => {
                out.macro_open("jira");
                out.parameter("key", &node.attr("issueKey").unwrap_or_default());
                out.parameter("server", &node.attr("server").unwrap_or_default());
                out.close("ac:structured-macro");
            }
            "confluenceUnsupportedInline" => return self.stored(node),
            "unsupportedInline" => return self.unsupported(node),
            // A hint to writers, which readers do not see.
            _ => {}
        }
        Step::Done
    }

    /// In code there is nothing but text.
    pub(super) fn in_code(&mut self, node: &Node<'_, 's>) -> Step {
        if &*node.kind == "hardBreak" {
            self.out.literal("\n");
        }
        if let Some(text) = node.text.clone().or_else(|| node.attr("text")) {
            self.out.literal(&text);
        }
        Step::Framed(Frame {
            code: true,
            ..Frame::default()
        })
    }

    fn text(&mut self, node: &Node<'_, 's>) {
        let text = self.spaced(node.text.as_deref().unwrap_or_default());
        let text = &*text;
        let mut ends = Vec::new();
        let mut code = false;
        for mark in node.marks() {
            let name = match &*mark.kind {
                "strong" => "strong",
                "em" => "em",
                "strike" => "del",
                "underline" => "u",
                "subsup" if mark.attr("type").is_some_and(|told| told == "sub") => "sub",
                "subsup" => "sup",
                "annotation" | "confluenceInlineComment" => {
                    self.comment(&mark);
                    continue;
                }
                "code" => {
                    code = true;
                    continue;
                }
                _ => continue,
            };
            self.out.open(name, &[]);
            ends.push(name);
        }
        if code {
            self.out.open("code", &[]);
            ends.push("code");
        }
        if self.is_inline() || !ends.is_empty() {
            self.out.text(text);
        } else {
            self.words(text);
        }
        for name in ends.iter().rev() {
            self.out.close(name);
        }
    }

    /// Each space of a heading is a part of its id, so none may collapse there.
    fn spaced<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let ends = self.frames.last().and_then(|frame| frame.close.first());
        let heading = ends.is_some_and(|end| matches!(end.as_bytes(), [b'h', _]));
        if heading && text.contains("  ") {
            return Cow::Owned(text.replace("  ", " \u{a0}"));
        }
        Cow::Borrowed(text)
    }

    /// The id of a comment on these words, once.
    fn comment(&mut self, mark: &Node<'_, 's>) {
        let id = mark.attr("id").or_else(|| mark.attr("reference"));
        if let Some(id) = id
            && self.comments.insert(id.clone().into_owned())
        {
            self.out
                .element("ac:inline-comment-marker", &[("ac:ref", &id)], "");
        }
    }

    /// Opens the link that a node stands in, unless it is the one that is open.
    fn link(&mut self, node: &Node<'_, 's>) {
        let mark = node.marks().find(|mark| mark.kind == "link");
        let href = mark.as_ref().and_then(|mark| mark.raw_attr("href"));
        let href = href.and_then(|item| Some((item, self.json.text(item)?)));
        let open = self.top().and_then(|frame| frame.link);
        let same = match (&href, open) {
            (Some((_, href)), Some((open, _))) => {
                Some(href.as_ref()) == self.json.text(open).as_deref()
            }
            (None, None) => true,
            _ => false,
        };
        if same {
            return;
        }
        self.end_link();
        if let (Some(mark), Some((item, href))) = (mark, href) {
            let ends = self.start_link(&mark, &href);
            if let Some(frame) = self.top() {
                frame.link = Some((item, ends));
            }
        }
    }

    /// A page is linked by title where the editor noted that, else by address.
    fn start_link(&mut self, mark: &Node<'_, 's>, href: &str) -> Ends {
        let noted = |key: &str| mark.deep_attr(&["__confluenceMetadata", key]);
        let title = noted("contentTitle");
        let page = noted("linkType").is_some_and(|kind| kind == "page");
        let Some(title) = title.filter(|_| page) else {
            self.out.open("a", &[("href", href)]);
            return &["a"];
        };
        let anchor = noted("anchorName").unwrap_or_default();
        let space = noted("spaceKey").unwrap_or_default();
        let id = noted("contentId").unwrap_or_default();
        self.out.open("ac:link", &[("ac:anchor", &anchor)]);
        let page = [
            ("ri:content-title", &*title),
            ("ri:space-key", &space),
            ("ri:content-id", &id),
        ];
        self.out.empty("ri:page", &page);
        self.out.open("ac:link-body", &[]);
        &["ac:link-body", "ac:link"]
    }

    pub(super) fn end_link(&mut self) {
        let open = self.top().and_then(|frame| frame.link.take());
        if let Some((_, ends)) = open {
            self.close(ends);
        }
    }

    fn mention(&mut self, node: &Node<'_, 's>) {
        let shown = node.attr("text").unwrap_or_default();
        let Some(id) = node.attr("id") else {
            return self.out.text(&shown);
        };
        let name = shown.trim().trim_start_matches('@');
        self.out.open("ac:link", &[]);
        let user = [("ri:account-id", &*id), ("ri:display-name", name)];
        self.out.empty("ri:user", &user);
        self.out.close("ac:link");
    }

    fn emoji(&mut self, node: &Node<'_, 's>) {
        let attr = |name: &str| node.attr(name).unwrap_or_default();
        let emoji = [
            ("ac:emoji-fallback", &*attr("text")),
            ("ac:emoji-shortname", &*attr("shortName")),
            ("ac:emoji-id", &*attr("id")),
        ];
        self.out.empty("ac:emoticon", &emoji);
    }

    /// A smart link: its address stands for it, unless the document knows its title.
    pub(super) fn card(&mut self, node: &Node<'_, 's>) {
        let data = |key: &str| node.deep_attr(&["data", key]);
        let Some(url) = node.attr("url").or_else(|| data("url")) else {
            let name = data("name").unwrap_or_default();
            return self.out.text(&name);
        };
        let label = data("name").unwrap_or_else(|| Cow::Borrowed(&*url));
        let kind = match &*node.kind {
            "inlineCard" => "inline",
            "blockCard" => "block",
            _ => "embed",
        };
        let card = [("href", &*url), ("data-card-appearance", kind)];
        self.out.element("a", &card, &label);
    }
}

/// The colour by the name it is stored under.
fn status_colour(colour: &str) -> String {
    match colour {
        "neutral" => "Grey".to_owned(),
        other => {
            let mut letters = other.chars();
            let first = letters.next().map(|c| c.to_ascii_uppercase());
            first.into_iter().chain(letters).collect()
        }
    }
}

/// The day of a time in milliseconds, in UTC.
fn day(timestamp: &str) -> Option<String> {
    let milliseconds: i64 = timestamp.trim().parse().ok()?;
    let time = jiff::Timestamp::from_millisecond(milliseconds).ok()?;
    let day = jiff::tz::Offset::UTC.to_datetime(time).date();
    Some(day.to_string())
}
