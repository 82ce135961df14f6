//! Macros and what apps put on a page.

use super::node::Node;
use super::{Ends, RICH, Step, Walk};

/// Whose extensions are macros under their own names.
const MACROS: &str = "com.atlassian.confluence.macro";

impl<'s> Walk<'_, 's> {
    /// A macro, or an extension of an app, which is recorded by its name.
    pub(super) fn extension(&mut self, node: &Node<'_, 's>) -> Step {
        let kind = node.attr("extensionType").unwrap_or_default();
        let key = node.attr("extensionKey").unwrap_or_default();
        let params = node
            .raw_attr("parameters")
            .and_then(|parameters| self.json.get(parameters, "macroParams"));
        if kind.starts_with(MACROS) || (params.is_some() && !key.contains('/')) {
            self.out.macro_open(&key);
            if let Some(params) = params {
                self.parameters(&key, params);
            }
            return self.macro_bodies(node);
        }
        let inline = &*node.kind == "inlineExtension";
        let kind = if inline {
            "inline-extension"
        } else {
            "bodied-extension"
        };
        self.out.open("ac:adf-node", &[("type", kind)]);
        self.out.adf_attribute("extension-key", &key);
        if let Some(text) = node.attr("text") {
            self.out.adf_attribute("text", &text);
        }
        if inline {
            Step::Inline(&["ac:adf-node"])
        } else {
            Step::Content(&["ac:adf-node"])
        }
    }

    fn parameters(&mut self, key: &str, params: usize) {
        for (name, value) in self.json.entries(params) {
            let value = self.json.get(value, "value").unwrap_or(value);
            let Some(text) = self.json.scalar(value) else {
                continue;
            };
            match &*name {
                "__bodyContent" => {
                    self.out.open("ac:plain-text-body", &[]);
                    self.out.literal(&text);
                    self.out.close("ac:plain-text-body");
                }
                // Where storage format has an identifier, a document has only the id.
                "user" if key.starts_with("profile") => self.user(&text),
                name => self.out.parameter(name, &text),
            }
        }
    }

    fn user(&mut self, id: &str) {
        self.out.open("ac:parameter", &[("ac:name", "user")]);
        self.out.empty("ri:user", &[("ri:account-id", id)]);
        self.out.close("ac:parameter");
    }

    fn macro_bodies(&mut self, node: &Node<'_, 's>) -> Step {
        const MACRO: Ends = &["ac:structured-macro"];
        if node.content.is_none() {
            self.out.close("ac:structured-macro");
            return Step::Done;
        }
        // Its frames hold the bodies.
        if &*node.kind == "multiBodiedExtension" {
            return Step::Content(MACRO);
        }
        self.out.open("ac:rich-text-body", &[]);
        Step::Content(RICH)
    }

    /// A block that is written on another page.
    pub(super) fn sync_block(&mut self, node: &Node<'_, 's>) -> Step {
        if node.content.is_some() {
            return self.synced_source(node);
        }
        let resource = node.attr("resourceId").unwrap_or_default();
        let is_id =
            |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if let Some(page) = resource.split('/').find(is_id) {
            self.out.macro_open("include-shared-block");
            self.out.open("ac:parameter", &[("ac:name", "page")]);
            self.out.empty("ri:page", &[("ri:content-id", page)]);
            self.out.close("ac:parameter");
            self.out.parameter("shared-block-key", block_key(&resource));
            self.out.close("ac:structured-macro");
        }
        Step::Done
    }

    /// A block that other pages show too.
    pub(super) fn synced_source(&mut self, node: &Node<'_, 's>) -> Step {
        let resource = node.attr("resourceId").unwrap_or_default();
        self.out.macro_open("shared-block");
        self.out.parameter("shared-block-key", block_key(&resource));
        self.out.open("ac:rich-text-body", &[]);
        Step::Content(RICH)
    }

    /// What the editor could not read and kept in storage format.
    pub(super) fn stored(&mut self, node: &Node<'_, 's>) -> Step {
        match node.attr("cxhtml") {
            Some(stored) => {
                self.out.verbatim(&stored);
                Step::Done
            }
            None => self.unknown(node),
        }
    }
}

/// The part of a resource's name that is the same on every page that shows it.
fn block_key(resource: &str) -> &str {
    resource.rsplit('/').next().unwrap_or(resource)
}
