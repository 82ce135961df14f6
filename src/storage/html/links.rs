//! Links of a rendered page: what its attributes tell about the target, else the address.

use super::super::links;
use super::tape::{Attributes, Element};
use super::{Ends, Step, Walk};
use crate::model::Target;

const LINK: Ends = &["ac:link-body", "ac:link"];

impl<'s> Walk<'s> {
    pub(super) fn link(&mut self, at: usize, element: Element<'s>) -> Step {
        let attributes = element.attributes;
        let Some(href) = attributes.get("href") else {
            return Step::Same;
        };
        // Links do not nest: one in another keeps its text.
        if self.links > 0 {
            return Step::Content(&[]);
        }
        let user =
            attributes.has_class("confluence-userlink") || attributes.has_class("user-mention");
        if user
            && let Some(name) = self.short_text(at, element)
            && names_somebody(attributes, &name)
        {
            return self.person(attributes, &name);
        }
        let (path, fragment) = match href.split_once('#') {
            Some((path, fragment)) => (path, links::percent_decode(fragment)),
            None => (href, String::new()),
        };
        if let Some(step) = self.linked_resource(attributes, path, &fragment) {
            return step;
        }
        if let Some(id) = exported_page(path) {
            return self.resource("ri:page", &[("ri:content-id", id)], &fragment);
        }
        let href = address(attributes, href);
        let card = attributes.get("data-card-appearance");
        match card {
            Some(card) => self
                .out
                .open("a", &[("href", &href), ("data-card-appearance", card)]),
            None => self.out.open("a", &[("href", &href)]),
        }
        Step::Link(&["a"])
    }

    fn person(&mut self, attributes: Attributes<'_>, name: &str) -> Step {
        let get = |key: &str| attributes.text(key);
        let name = name.trim().trim_start_matches('@');
        let user = [
            ("ri:account-id", get("data-account-id")),
            ("ri:userkey", get("data-userkey")),
            ("ri:username", get("data-username")),
            ("ri:display-name", name),
        ];
        self.out.open("ac:link", &[]);
        self.out.empty("ri:user", &user);
        self.out.close("ac:link");
        Step::Pass
    }

    /// What a link says about its target besides the address.
    fn linked_resource(
        &mut self,
        attributes: Attributes<'_>,
        path: &str,
        fragment: &str,
    ) -> Option<Step> {
        if attributes.has_class("createlink") {
            return self.page_to_be(path);
        }
        let kind = attributes.filled("data-linked-resource-type")?;
        let id = attributes.text("data-linked-resource-id");
        match kind {
            "attachment" => {
                let name = file_name(attributes, path)?;
                self.out.open("ac:link", &[]);
                self.attachment(attributes, &name);
                if attributes.has_class("confluence-embedded-file") {
                    self.out.close("ac:link");
                    return Some(Step::Pass);
                }
                self.out.open("ac:link-body", &[]);
                Some(Step::Link(LINK))
            }
            "page" => {
                let known = links::page_path(own_path(attributes, path));
                let (space, title) = match known {
                    Some(Target::Page { space, title, .. }) => (space, title),
                    _ => (None, None),
                };
                let page = [
                    ("ri:content-id", id),
                    ("ri:space-key", &space.unwrap_or_default()),
                    ("ri:content-title", &title.unwrap_or_default()),
                ];
                Some(self.resource("ri:page", &page, fragment))
            }
            "blogpost" | "comment" if !id.is_empty() => {
                Some(self.resource("ri:content-entity", &[("ri:content-id", id)], fragment))
            }
            _ => None,
        }
    }

    /// A link that makes a page which is not there yet.
    fn page_to_be(&mut self, path: &str) -> Option<Step> {
        let (_, query) = path.split_once('?')?;
        let value = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            let value = pairs.find(|(key, _)| *key == name)?.1;
            Some(links::percent_decode(&value.replace('+', " ")))
        };
        let title = value("title")?;
        let space = value("spaceKey").unwrap_or_default();
        let page = [("ri:content-title", &*title), ("ri:space-key", &space)];
        Some(self.resource("ri:page", &page, ""))
    }

    fn resource(&mut self, name: &str, attributes: &[(&str, &str)], anchor: &str) -> Step {
        self.out.open("ac:link", &[("ac:anchor", anchor)]);
        self.out.empty(name, attributes);
        self.out.open("ac:link-body", &[]);
        Step::Link(LINK)
    }

    /// A file, and what holds it.
    pub(super) fn attachment(&mut self, attributes: Attributes<'_>, name: &str) {
        self.out.open("ri:attachment", &[("ri:filename", name)]);
        if let Some(id) = attributes.filled("data-linked-resource-container-id") {
            self.out
                .empty("ri:content-entity", &[("ri:content-id", id)]);
        }
        self.out.close("ri:attachment");
    }
}

/// Whether a link to a person says who that is; a picture alone does not.
fn names_somebody(attributes: Attributes<'_>, name: &str) -> bool {
    const IDS: [&str; 3] = ["data-account-id", "data-userkey", "data-username"];
    let told = IDS.iter().any(|id| attributes.filled(id).is_some());
    told || !name.trim().is_empty()
}

/// The name of a file, by what is said of it or by the address it is fetched from.
pub(super) fn file_name(attributes: Attributes<'_>, path: &str) -> Option<String> {
    let alias = attributes.filled("data-linked-resource-default-alias");
    alias.map(str::to_owned).or_else(|| {
        let path = path.split('?').next().unwrap_or(path);
        let download =
            path.contains("/download/attachments/") || path.contains("/download/thumbnails/");
        let name = path
            .rsplit('/')
            .next()
            .filter(|name| download && !name.is_empty())?;
        Some(links::percent_decode(&name.replace('+', " ")))
    })
}

/// A page of the same export, by the name of its file: `Title_ID.html` or `ID.html`.
fn exported_page(path: &str) -> Option<&str> {
    let name = path.strip_suffix(".html")?;
    let id = name.rsplit('_').next().unwrap_or(name);
    let digits = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    (digits && !name.contains(['/', ':'])).then_some(id)
}

/// The path of an address of this site.
fn own_path<'h>(attributes: Attributes<'_>, href: &'h str) -> &'h str {
    let base = attributes.text("data-base-url");
    match href.strip_prefix(base) {
        Some(path) if !base.is_empty() && path.starts_with('/') => path,
        _ => href,
    }
}

/// Where a link leads: pages of this site by their paths, other things by whole addresses.
fn address(attributes: Attributes<'_>, href: &str) -> String {
    let path = own_path(attributes, href);
    if links::page_path(path).is_some() && path.starts_with('/') {
        return path.to_owned();
    }
    let base = attributes.text("data-base-url");
    match base.find("://") {
        Some(scheme) if href.starts_with('/') => {
            let host = &base[scheme + 3..];
            let length = scheme + 3 + host.find('/').unwrap_or(host.len());
            format!("{}{href}", &base[..length])
        }
        _ => href.to_owned(),
    }
}
