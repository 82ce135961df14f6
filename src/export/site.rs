//! What a source says of the site it is from.

use serde_json::Value;

use crate::model::Told;
use crate::ports::{Deployment, PortError, PortErrorKind, PortResult, SiteInfo};

use super::elements::Elements;
use super::files::{self, Folder, Layout};
use super::input::{Input, Progress};
use super::json::{self, text};
use super::wire;

/// Files, and objects in each, looked at for the site's address when nothing else
/// tells it.
const LOOKED_AT: usize = 20;

/// The site's name is what the caller says, else what `site.json` says, else the
/// address, else the name of file or folder.
pub(crate) fn describe(
    folder: &dyn Folder,
    layout: &Layout,
    name: Option<&str>,
) -> PortResult<SiteInfo> {
    let told = match layout.site.as_deref() {
        Some(file) => Some(site_file(folder, file)?),
        None => None,
    };
    let value = |key: &str| told.as_ref().and_then(|told| text(told, &[key]));
    let base_url = match value("base_url") {
        Some(base_url) => normal_url(&base_url),
        None => content_base(folder, layout).unwrap_or_default(),
    };
    let deployment = match value("deployment").as_deref() {
        Some("datacenter") => Deployment::Datacenter,
        Some(_) => Deployment::Cloud,
        None => deployment_of(&base_url),
    };
    let address = Some(base_url.clone()).filter(|base_url| !base_url.is_empty());
    let name = name
        .map(str::to_owned)
        .or_else(|| value("name"))
        .or(address);
    Ok(SiteInfo {
        name: name.unwrap_or_else(|| folder.label()),
        base_url,
        deployment,
        time_zone: value("time_zone"),
        told: Told::default(),
    })
}

fn site_file(folder: &dyn Folder, name: &str) -> PortResult<Value> {
    let bad = |cause: String| PortError::new(PortErrorKind::Input, format!("`{name}`: {cause}"));
    let input = Input::open(folder, name, &Progress::default());
    let input = input.map_err(|error| bad(error.to_string()))?;
    let object = Elements::new(input, files::Form::Document).next();
    let cut = object.ok_or_else(|| bad("expected an object".to_owned()))?;
    let cut = cut.map_err(|error| bad(error.cause))?;
    json::parse(&cut.bytes).map_err(|refusal| bad(refusal.cause))
}

/// The address that the first content objects name.
fn content_base(folder: &dyn Folder, layout: &Layout) -> Option<String> {
    layout.content.iter().take(LOOKED_AT).find_map(|name| {
        let input = Input::open(folder, name, &Progress::default()).ok()?;
        let mut elements = Elements::new(input, files::form(name)).take(LOOKED_AT);
        elements.find_map(|cut| wire::base_url(&json::parse(&cut.ok()?.bytes).ok()?))
    })
}

/// Without slashes at the end.
pub(crate) fn normal_url(url: &str) -> String {
    url.trim().trim_end_matches('/').to_owned()
}

/// Cloud sites live on Atlassian's hosts; a site without an address counts as one.
fn deployment_of(base_url: &str) -> Deployment {
    let address = base_url
        .split_once("://")
        .map_or(base_url, |(_, rest)| rest);
    let host = address.split(['/', ':']).next().unwrap_or_default();
    let is_cloud = host.is_empty()
        || host.ends_with(".atlassian.net")
        || host.ends_with(".jira.com")
        || host == "api.atlassian.com";
    if is_cloud {
        Deployment::Cloud
    } else {
        Deployment::Datacenter
    }
}
