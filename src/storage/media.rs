//! Images and emoji.
//!
//! Editors fill the alternative text with the file name; that is noise in a text and is
//! dropped. Ticks and crosses carry meaning in tables, so an emoji is never dropped.

use std::ops::Range;

use super::build::Builder;
use super::flow::{FlowKind, ImageFrame};
use super::scan::Attributes;
use super::{links, plain};
use crate::model::{Block, BlockKind, Image, Inline, Target};

impl Builder<'_> {
    /// Opens an `ac:image`.
    pub(super) fn open_image(&mut self, attributes: Attributes<'_>) {
        let inline = self.top().para.is_inline_context();
        let emoticon = |name: &str| {
            attributes
                .get(name)
                .is_some_and(|class| class.contains("emoticon"))
        };
        let frame = ImageFrame {
            target: attributes.filled("ac:src").map(|url| links::href(&url)),
            alt: alternative(attributes, ["ac:alt", "ac:title"]),
            emoticon: emoticon("ac:class"),
            inline,
        };
        self.enter(FlowKind::Image(Box::new(frame)));
    }

    /// Closes an `ac:image`; what stood in it besides the resource is its caption.
    pub(super) fn close_image(
        &mut self,
        frame: ImageFrame,
        caption: Vec<Block>,
        source: Range<usize>,
    ) {
        if frame.emoticon && caption.is_empty() {
            return self.put_emoji(frame.alt);
        }
        let target = frame.target.unwrap_or(Target::Unknown);
        if frame.inline && caption.is_empty() {
            let image = self.image(target, frame.alt);
            return self.inline_image(image);
        }
        self.flush();
        let image = self.image(target, frame.alt);
        let image = Box::new(image);
        self.block(BlockKind::Figure { image, caption }, source);
    }

    pub(super) fn image(&mut self, target: Target, alt: Option<String>) -> Image {
        if let Target::Attachment {
            file_name,
            container,
        } = &target
        {
            self.record_attachment(file_name, container.as_deref(), "image");
        }
        let file = file_name(&target);
        let alt = alt.and_then(|alt| plain::line(&alt));
        let alt = alt.filter(|alt| alt.as_str() != file && !is_file_name(alt));
        Image { target, alt }
    }

    /// An HTML `img`.
    pub(super) fn img(&mut self, attributes: Attributes<'_>) {
        let alt = alternative(attributes, ["alt", "title"]);
        let class = attributes.get("class").unwrap_or_default();
        if class.contains("emoticon") || class.contains("emoji") {
            return self.put_emoji(attributes.filled("data-emoji-fallback").or(alt));
        }
        let target = attributes
            .filled("src")
            .map_or(Target::Unknown, |src| links::href(&src));
        let image = self.image(target, alt);
        self.inline_image(image);
    }

    /// An image that names nothing shows nothing, and would hide that a line ends before it.
    pub(super) fn inline_image(&mut self, image: Image) {
        let place = match &image.target {
            Target::Url { url } => url,
            target => file_name(target),
        };
        if image.alt.is_some() || !place.is_empty() {
            self.inline(Inline::Image {
                image: Box::new(image),
            });
        }
    }

    /// An `ac:emoticon`.
    pub(super) fn emoticon(&mut self, attributes: Attributes<'_>) {
        self.put_emoji(Some(emoji(attributes)));
    }

    fn put_emoji(&mut self, text: Option<String>) {
        let text = text.as_deref().and_then(plain::line);
        let text = text.unwrap_or_else(|| ":emoji:".to_owned());
        self.inline(Inline::Emoji { text });
    }
}

/// The text that stands for an image. Editors fill the first of two attributes with the name
/// of the file, so the second one may say more.
fn alternative(attributes: Attributes<'_>, names: [&str; 2]) -> Option<String> {
    let [alt, title] = names;
    let alt = attributes.filled(alt);
    match alt {
        Some(alt) if !is_file_name(&alt) => Some(alt),
        alt => attributes.filled(title).or(alt),
    }
}

/// The name to show for the file an image comes from.
pub(super) fn file_name(target: &Target) -> &str {
    match target {
        Target::Attachment { file_name, .. } => file_name,
        Target::Url { url } => links::last_segment(url),
        _ => "",
    }
}

/// Whether this reads like `image-2024.png`: one word with a short ending.
pub(super) fn is_file_name(alt: &str) -> bool {
    const IMAGES: [&str; 10] = [
        "png", "jpg", "jpeg", "gif", "svg", "webp", "bmp", "tif", "tiff", "heic",
    ];
    let Some((stem, ending)) = alt.rsplit_once('.') else {
        return false;
    };
    !stem.is_empty()
        && IMAGES
            .iter()
            .any(|image| ending.eq_ignore_ascii_case(image))
}

/// The first of: fallback, code points of the id, the old name's sign, short name, name.
fn emoji(attributes: Attributes<'_>) -> String {
    let short = |text: &String| text.len() > 2 && text.starts_with(':') && text.ends_with(':');
    let fallback = attributes.filled("ac:emoji-fallback");
    let id = attributes.filled("ac:emoji-id");
    let name = attributes.filled("ac:name");
    let short_name = attributes.filled("ac:emoji-shortname");
    fallback
        .filter(|text| !short(text))
        .or_else(|| id.as_deref().and_then(code_points))
        .or_else(|| short_name.as_deref().and_then(known_short_name))
        .or_else(|| {
            // The editor writes `blue-star` for every emoji that has no old name.
            let stands_in = name.as_deref() == Some("blue-star") && short_name.is_some();
            name.as_deref().filter(|_| !stands_in).and_then(old_name)
        })
        .or_else(|| short_name.map(|name| format!(":{}:", name.trim_matches(':'))))
        .or_else(|| name.map(|name| format!(":{name}:")))
        .unwrap_or_else(|| ":emoji:".to_owned())
}

fn code_points(id: &str) -> Option<String> {
    let point = |hex: &str| char::from_u32(u32::from_str_radix(hex, 16).ok()?);
    let text: Option<String> = id.split('-').map(point).collect();
    text.filter(|text| {
        text.chars()
            .all(|c| c >= '\u{a9}' || c.is_ascii_digit() || c == '#' || c == '*')
    })
}

fn known_short_name(name: &str) -> Option<String> {
    let sign = match name {
        ":check_mark:" => "✅",
        ":cross_mark:" => "❌",
        ":light_bulb_on:" => "💡",
        ":light_bulb_off:" => "🚫",
        ":plus:" => "➕",
        ":minus:" => "➖",
        ":warning:" => "⚠",
        ":info:" => "ℹ",
        ":question:" => "?",
        ":star_yellow:" => "💛",
        ":star_red:" => "❤️",
        ":star_green:" => "💚",
        ":star_blue:" => "💙",
        _ => return None,
    };
    Some(sign.to_owned())
}

/// The signs of the old names, as the current editor maps them.
pub(super) fn old_name(name: &str) -> Option<String> {
    let sign = match name {
        "smile" => "🙂",
        "sad" => "🙁",
        "cheeky" => "😛",
        "laugh" => "😀",
        "wink" => "😉",
        "thumbs-up" => "👍",
        "thumbs-down" => "👎",
        "tick" => "✅",
        "cross" => "❌",
        "warning" => "⚠",
        "plus" => "➕",
        "minus" => "➖",
        "question" => "?",
        "information" => "ℹ",
        "light-on" => "💡",
        "light-off" => "🚫",
        "yellow-star" => "💛",
        "red-star" | "heart" => "❤️",
        "green-star" => "💚",
        "blue-star" => "💙",
        "broken-heart" => "💔",
        _ => return None,
    };
    Some(sign.to_owned())
}
