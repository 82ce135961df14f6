//! Images and files.
//!
//! A document knows a file by an id that means nothing elsewhere. Its name stands in the
//! alternative text, where the editor puts it when the file is uploaded.

use std::borrow::Cow;

use super::super::media::is_file_name;
use super::node::Node;
use super::{Frame, Step, Walk};

impl<'s> Walk<'_, 's> {
    pub(super) fn media_single(&mut self, node: &Node<'_, 's>) -> Step {
        let json = self.json;
        let inside = node.content.into_iter().flat_map(|list| json.inside(list));
        let mut media = None;
        let mut captioned = false;
        for child in inside.map(|child| Node::read(json, child)) {
            captioned |= child.kind == "caption" && child.content.is_some();
            if media.is_none() && child.kind == "media" {
                media = Some(child);
            }
        }
        let Some(media) = media.filter(is_shown) else {
            return Step::Framed(Frame::default());
        };
        if !captioned {
            self.figure(node, &media);
            return Step::Done;
        }
        self.image(&media, &[]);
        Step::Framed(Frame {
            image: true,
            close: &["ac:image"],
            ..Frame::default()
        })
    }

    /// An image alone; its link holds no text but the image.
    fn figure(&mut self, single: &Node<'_, 's>, media: &Node<'_, 's>) {
        let href = link(media).or_else(|| link(single));
        if let Some(href) = &href {
            self.out.open("p", &[]);
            self.out.open("a", &[("href", href)]);
        }
        self.image(media, &[]);
        self.out.close("ac:image");
        if href.is_some() {
            self.out.close("a");
            self.out.close("p");
        }
    }

    /// A file in a group, or an image that stands where it should not.
    pub(super) fn media(&mut self, node: &Node<'_, 's>) -> Step {
        let image = self.frames.last().is_some_and(|frame| frame.image);
        if image || !is_shown(node) {
            return Step::Done;
        }
        if let Some(name) = name(node).filter(|name| !is_file_name(name)) {
            self.out.macro_open("view-file");
            self.out.open("ac:parameter", &[("ac:name", "name")]);
            self.out.empty("ri:attachment", &[("ri:filename", &name)]);
            self.out.close("ac:parameter");
            self.out.close("ac:structured-macro");
        } else {
            self.image(node, &[]);
            self.out.close("ac:image");
        }
        Step::Done
    }

    /// A file in a line of text: an image, or the name of the file.
    pub(super) fn media_inline(&mut self, node: &Node<'_, 's>) {
        if !is_shown(node) {
            return;
        }
        let image = node.attr("type").is_some_and(|kind| kind == "image");
        match name(node) {
            Some(name) if !image && !is_file_name(&name) => {
                self.out.open("ac:link", &[]);
                self.out.empty("ri:attachment", &[("ri:filename", &name)]);
                self.out.close("ac:link");
            }
            _ => {
                self.image(node, &[("ac:inline", "true")]);
                self.out.close("ac:image");
            }
        }
    }

    pub(super) fn caption(&mut self) -> Step {
        let image = self.frames.last().is_some_and(|frame| frame.image);
        if image {
            self.out.open("ac:caption", &[]);
        }
        self.out.open("p", &[]);
        Step::Inline(if image { &["p", "ac:caption"] } else { &["p"] })
    }

    /// Opens an image and names what it shows.
    fn image(&mut self, node: &Node<'_, 's>, more: &[(&str, &str)]) {
        let alt = node.attr("alt").unwrap_or_default();
        let mut attributes = vec![("ac:alt", &*alt)];
        attributes.extend_from_slice(more);
        self.out.open("ac:image", &attributes);
        if let Some(url) = node.attr("url") {
            self.out.empty("ri:url", &[("ri:value", &url)]);
        } else if let Some(name) = name(node) {
            self.out.empty("ri:attachment", &[("ri:filename", &name)]);
        }
    }
}

/// The name of a file, where something tells it.
fn name<'s>(node: &Node<'_, 's>) -> Option<Cow<'s, str>> {
    let told = node.attr("__fileName").or_else(|| node.attr("fileName"));
    told.or_else(|| node.attr("alt").filter(|alt| is_file_name(alt)))
}

/// An image without a name, an address or a description shows nothing that has words.
fn is_shown(node: &Node<'_, '_>) -> bool {
    name(node).is_some() || node.attr("url").is_some() || node.attr("alt").is_some()
}

fn link<'s>(node: &Node<'_, 's>) -> Option<Cow<'s, str>> {
    let mark = node.marks().find(|mark| mark.kind == "link")?;
    mark.attr("href")
}
