//! Images and emoji of a rendered page.

use super::Walk;
use super::links::file_name;
use super::tape::Attributes;

impl Walk<'_> {
    pub(super) fn img(&mut self, attributes: Attributes<'_>) {
        let class = attributes.get("class").unwrap_or_default();
        if class.contains("emoticon") || is_emoji(attributes) {
            return self.emoji(attributes, class);
        }
        let alt = attributes
            .filled("alt")
            .or_else(|| attributes.filled("title"));
        let alt = alt.unwrap_or_default();
        let shown = attributes
            .filled("data-image-src")
            .or_else(|| attributes.filled("src"));
        let src = shown.unwrap_or_default();
        let external = attributes.has_class("confluence-external-resource");
        match file_name(attributes, src).filter(|_| !external) {
            Some(name) => {
                self.out
                    .open("ac:image", &[("ac:alt", alt), ("ac:inline", "true")]);
                self.attachment(attributes, &name);
                self.out.close("ac:image");
            }
            None => self
                .out
                .empty("img", &[("src", src), ("alt", alt), ("class", class)]),
        }
    }

    fn emoji(&mut self, attributes: Attributes<'_>, class: &str) {
        let get = |key: &str| attributes.text(key);
        let name = get("data-emoticon-name");
        let told = class
            .split_ascii_whitespace()
            .find_map(|class| class.strip_prefix("emoticon-"));
        let name = if name.is_empty() {
            told.unwrap_or_default()
        } else {
            name
        };
        let fallback = get("data-emoji-fallback");
        // Without any of these the text that stands for it is all there is.
        let known = !(name.is_empty() && get("data-emoji-id").is_empty());
        let fallback = if fallback.is_empty() && !known {
            get("alt")
        } else {
            fallback
        };
        let emoji = [
            ("ac:name", name),
            ("ac:emoji-shortname", get("data-emoji-shortname")),
            ("ac:emoji-id", get("data-emoji-id")),
            ("ac:emoji-fallback", fallback),
        ];
        self.out.empty("ac:emoticon", &emoji);
    }
}

fn is_emoji(attributes: Attributes<'_>) -> bool {
    const KEYS: [&str; 3] = [
        "data-emoji-id",
        "data-emoji-shortname",
        "data-emoji-fallback",
    ];
    KEYS.iter().any(|key| attributes.get(key).is_some())
}
