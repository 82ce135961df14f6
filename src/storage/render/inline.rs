//! Inlines, in both renderings.

use std::ops::Range;

use super::super::{links, media, plain};
use super::{Break, Renderer, escape};
use crate::model::{Image, Inline, LinkPlace, Target};

impl Renderer {
    /// Writes inlines. Nesting is bounded: no mark stands in itself.
    pub(super) fn inlines(&mut self, inlines: &[Inline]) {
        for inline in inlines {
            self.inline(inline);
        }
    }

    fn inline(&mut self, inline: &Inline) {
        match inline {
            Inline::Text { text } | Inline::Emoji { text } | Inline::Mention { text, .. } => {
                self.words(text);
            }
            Inline::Strong { inlines } => self.marked("**", inlines),
            Inline::Em { inlines } => self.marked("*", inlines),
            Inline::Strike { inlines } => self.marked("~~", inlines),
            Inline::Code { text } => self.code(text),
            Inline::Link { target, label } => self.link(target, label),
            Inline::Image { image } => self.image(image),
            Inline::Date { date } => self.words(date),
            Inline::Status { title, .. } => self.words(title),
            Inline::JiraIssue { key } => self.words(key),
            Inline::LineBreak => self.line_break(),
            Inline::Anchor { .. } => {}
            Inline::Math { tex } => {
                let tex = tex.replace('\n', " ");
                self.markdown.push('$');
                escape::push_tex(&mut self.markdown, &tex, self.place);
                self.markdown.push('$');
                self.text.push_str(&tex);
            }
        }
    }

    /// Text, escaped in Markdown and as it is in text.
    #[inline]
    pub(super) fn words(&mut self, text: &str) {
        let place = escape::Place {
            line_start: self.markdown.len() == self.line,
            ..self.place
        };
        escape::push(&mut self.markdown, text, place);
        self.text.push_str(text);
    }

    /// Inlines between marks; nothing when there is nothing in them.
    pub(super) fn marked(&mut self, mark: &str, inlines: &[Inline]) {
        let before = self.markdown.len();
        self.markdown.push_str(mark);
        let inside = self.markdown.len();
        self.inlines(inlines);
        if self.markdown.len() == inside {
            self.markdown.truncate(before);
        } else {
            self.markdown.push_str(mark);
        }
    }

    pub(super) fn line_break(&mut self) {
        match self.line_break {
            Break::Newline => {
                self.next_line();
                self.text.push('\n');
            }
            Break::Space => {
                self.markdown.push(' ');
                self.text.push(' ');
            }
            Break::Flat => self.flat_break(),
        }
    }

    /// Code in a line.
    pub(super) fn code(&mut self, text: &str) {
        let fence = escape::fence(text, 1);
        let pad = text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']);
        let pad = if pad { " " } else { "" };
        self.ticks(fence);
        self.markdown.push_str(pad);
        if self.place.cell && text.contains('|') {
            self.markdown.push_str(&text.replace('|', "\\|"));
        } else {
            self.markdown.push_str(text);
        }
        self.markdown.push_str(pad);
        self.ticks(fence);
        self.text.push_str(text);
    }

    /// A run of back-ticks.
    pub(super) fn ticks(&mut self, length: usize) {
        self.markdown.extend(std::iter::repeat_n('`', length));
    }

    fn link(&mut self, target: &Target, label: &[Inline]) {
        let Target::Url { url } = target else {
            return self.label_of(target, label);
        };
        if label.is_empty() {
            self.text.push_str(&plain::cleaned(url));
            let text = self.text.len();
            self.bracketed(|this| this.words(&plain::cleaned(links::last_segment(url))));
            if links::is_page_url(url) {
                let end = self.markdown.len() - 1;
                self.link_place(end..end, target, true);
            }
            self.text.truncate(text);
            return self.destination(url);
        }
        if let [Inline::Text { text }] = label
            && text == url
        {
            escape::push_url(&mut self.markdown, url);
            return self.text.push_str(url);
        }
        self.bracketed(|this| this.inlines(label));
        self.destination(url);
    }

    fn label_of(&mut self, target: &Target, label: &[Inline]) {
        let start = self.markdown.len();
        let outside = std::mem::replace(&mut self.place.label, true);
        if label.is_empty() {
            self.words(&plain::automatic_label(target));
        } else {
            let inside = self.label_break();
            let before = std::mem::replace(&mut self.line_break, inside);
            self.inlines(label);
            self.line_break = before;
        }
        self.place.label = outside;
        if links::is_content(target) && !self.markdown[start..].trim().is_empty() {
            let untitled = label.is_empty() && links::is_untitled(target);
            self.link_place(start..self.markdown.len(), target, untitled);
        }
    }

    fn link_place(&mut self, label: Range<usize>, target: &Target, untitled: bool) {
        // A link in the label of another is a part of that label.
        self.cut_link_places(label.start);
        self.link_places.push(LinkPlace {
            label,
            target: target.clone(),
            untitled,
        });
    }

    /// Forgets the links behind a place, where the Markdown is written anew.
    pub(super) fn cut_link_places(&mut self, markdown: usize) {
        let kept = self
            .link_places
            .partition_point(|place| place.label.end <= markdown);
        self.link_places.truncate(kept);
    }

    fn label_break(&self) -> Break {
        match self.line_break {
            Break::Flat => Break::Flat,
            _ => Break::Space,
        }
    }

    fn bracketed(&mut self, write: impl FnOnce(&mut Self)) {
        self.markdown.push('[');
        let label = std::mem::replace(&mut self.place.label, true);
        let before = std::mem::replace(&mut self.line_break, Break::Space);
        write(self);
        self.line_break = before;
        self.place.label = label;
        self.markdown.push(']');
    }

    fn destination(&mut self, url: &str) {
        self.markdown.push('(');
        escape::push_url(&mut self.markdown, url);
        self.markdown.push(')');
    }

    /// An image: in text only an alternative text that says more than the file name.
    pub(super) fn image(&mut self, image: &Image) {
        let alt = image.alt.as_deref();
        let file = media::file_name(&image.target);
        let place = match &image.target {
            Target::Url { url } => url,
            _ => file,
        };
        if place.is_empty() {
            return self.words(alt.unwrap_or_default());
        }
        let text = self.text.len();
        self.markdown.push('!');
        self.bracketed(|this| this.words(alt.unwrap_or(&plain::cleaned(file))));
        self.text.truncate(text);
        self.text.push_str(alt.unwrap_or_default());
        self.destination(place);
    }
}
