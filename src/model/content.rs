//! Content as Confluence's REST v1 objects describe it, without their wire shape.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ContentId, ContentProperty};

/// Confluence's content types; the list is open, since apps and Cloud add to it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub(crate) enum ContentType {
    Page,
    BlogPost,
    Comment,
    Attachment,
    /// `folder`, `whiteboard`, `ac:…`: lower case, as the site wrote it.
    Other(String),
}

impl ContentType {
    pub(crate) fn parse(name: &str) -> Self {
        let name = name.to_ascii_lowercase();
        match name.as_str() {
            "page" => Self::Page,
            "blogpost" => Self::BlogPost,
            "comment" => Self::Comment,
            "attachment" => Self::Attachment,
            _ => Self::Other(name),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Page => "page",
            Self::BlogPost => "blogpost",
            Self::Comment => "comment",
            Self::Attachment => "attachment",
            Self::Other(name) => name,
        }
    }
}

impl From<String> for ContentType {
    fn from(name: String) -> Self {
        Self::parse(&name)
    }
}

impl From<ContentType> for String {
    fn from(kind: ContentType) -> Self {
        kind.as_str().to_owned()
    }
}

impl fmt::Display for ContentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Content status; only `Current` is served unless a channel says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(from = "String", into = "String")]
pub(crate) enum Status {
    #[default]
    Current,
    Draft,
    Archived,
    Trashed,
    Deleted,
    Historical,
    Other(String),
}

impl Status {
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Current => "current",
            Self::Draft => "draft",
            Self::Archived => "archived",
            Self::Trashed => "trashed",
            Self::Deleted => "deleted",
            Self::Historical => "historical",
            Self::Other(name) => name,
        }
    }
}

impl From<String> for Status {
    fn from(name: String) -> Self {
        let name = name.to_ascii_lowercase();
        match name.as_str() {
            "current" => Self::Current,
            "draft" => Self::Draft,
            "archived" => Self::Archived,
            "trashed" => Self::Trashed,
            "deleted" => Self::Deleted,
            "historical" => Self::Historical,
            _ => Self::Other(name),
        }
    }
}

impl From<Status> for String {
    fn from(status: Status) -> Self {
        status.as_str().to_owned()
    }
}

/// A person as a content object names them. Any part may be missing: Cloud knows
/// account ids, Data Center user keys and names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
pub(crate) struct User {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) account_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) user_key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) username: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) display_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) public_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<String>,
}

impl User {
    /// The values by which CQL and restrictions may name this person: the account
    /// id as it is, user name and user key in lower case (cql.md 11, user rule).
    pub(crate) fn identifiers(&self) -> impl Iterator<Item = String> + '_ {
        let folded = [&self.username, &self.user_key];
        let folded = folded.into_iter().flatten().map(|name| name.to_lowercase());
        self.account_id.iter().cloned().chain(folded)
    }

    /// The name to show, when there is one.
    pub(crate) fn name(&self) -> Option<&str> {
        let names = [&self.display_name, &self.public_name, &self.username];
        names
            .into_iter()
            .flatten()
            .map(String::as_str)
            .find(|name| !name.is_empty())
    }
}

/// A label without its prefix in `name`; `prefix` is `global`, `my`, `team`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Label {
    pub(crate) prefix: String,
    pub(crate) name: String,
}

/// The version of a content item that is current.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub(crate) struct Version {
    pub(crate) number: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) when: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) by: Option<User>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
}

/// One item above another in the page tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ancestor {
    pub(crate) id: ContentId,
    pub(crate) kind: ContentType,
    pub(crate) title: String,
    /// As the content object told it; a draft or trashed ancestor gates nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<Status>,
}

/// What an attachment or a comment hangs on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ContentRef {
    pub(crate) id: ContentId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<ContentType>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
}

/// In which language a raw body is written (storage-format.md 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Representation {
    #[default]
    Storage,
    Adf,
    Wiki,
    Html,
}

/// A body as the source gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RawBody {
    pub(crate) representation: Representation,
    pub(crate) value: String,
}

/// The parts of an attachment object that are not content of every kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub(crate) struct AttachmentInfo {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) media_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) size_bytes: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) comment: Option<String>,
}

/// The view restriction of one content item, its own and no one else's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub(crate) enum Restrictions {
    /// No list of its own: what is above decides.
    #[default]
    None,
    /// Only these may view: identifiers of users (see [`User::identifiers`]), and
    /// ids or names of groups.
    Only {
        users: Vec<String>,
        groups: Vec<String>,
    },
    /// The source could not or did not say: closed to everybody.
    Unknown,
}

/// Page, blog post, comment or attachment, without its body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Content {
    pub(crate) id: ContentId,
    pub(crate) kind: ContentType,
    #[serde(default)]
    pub(crate) status: Status,
    pub(crate) title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) space_key: Option<String>,
    #[serde(default)]
    pub(crate) version: Version,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) created: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) creator: Option<User>,
    /// Everybody who published a version, where the source lists them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) contributors: Vec<User>,
    /// Root first, the direct parent last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) ancestors: Vec<Ancestor>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) labels: Vec<Label>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) container: Option<ContentRef>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) attachment: Option<AttachmentInfo>,
    /// Absolute URL of the item at the site, when the source has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
    /// Place among its siblings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) position: Option<i64>,
    /// Who watches it, where the source tells.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) watchers: Vec<User>,
    /// Who has starred it, where the source tells. Nobody else may learn of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) starred_by: Vec<User>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) properties: Vec<ContentProperty>,
    #[serde(default)]
    pub(crate) restrictions: Restrictions,
}

impl Content {
    /// The least that a content object must have.
    pub(crate) fn new(kind: ContentType, id: ContentId, title: impl Into<String>) -> Self {
        Self {
            id,
            kind,
            status: Status::Current,
            title: title.into(),
            space_key: None,
            version: Version::default(),
            created: None,
            creator: None,
            contributors: Vec::new(),
            ancestors: Vec::new(),
            labels: Vec::new(),
            container: None,
            attachment: None,
            url: None,
            position: None,
            watchers: Vec::new(),
            starred_by: Vec::new(),
            properties: Vec::new(),
            restrictions: Restrictions::None,
        }
    }
}

/// Who may view a space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub(crate) enum SpacePermissions {
    /// The space object carried permissions.
    Known {
        /// Everybody, also callers without an identity.
        anonymous: bool,
        /// Everybody who is known to the site.
        all_users: bool,
        users: Vec<String>,
        groups: Vec<String>,
    },
    /// The source is a lone dump and has no space objects: every identified person.
    #[default]
    Unstated,
    /// The source has space objects, but this one's permissions could not be read.
    Unknown,
}

/// A space of the site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Space {
    pub(crate) key: String,
    pub(crate) name: String,
    /// `global`, `personal`, `collaboration`, `knowledge_base`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<String>,
    /// `current` or `archived`.
    #[serde(default)]
    pub(crate) status: Status,
    /// As plain text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) homepage: Option<ContentId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) categories: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
    #[serde(default)]
    pub(crate) permissions: SpacePermissions,
}
