//! Who asks, and which gates stand in front of content.
//!
//! A gate is one list of people and groups in front of a space or of a content item
//! and all that is below it. An item is visible to somebody who passes every gate of
//! its lineage. Index rows carry their lineage, never the lists, so that a change of
//! permissions re-indexes nothing.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{ContentId, SiteId, User};

/// On whose behalf a search runs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Identity {
    /// Everything that was read, without gates.
    Service,
    Anonymous,
    Account(String),
    Email(String),
    Username(String),
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service => f.write_str("service"),
            Self::Anonymous => f.write_str("anonymous"),
            Self::Account(id) => write!(f, "account:{id}"),
            Self::Email(address) => write!(f, "email:{address}"),
            Self::Username(name) => write!(f, "username:{name}"),
        }
    }
}

/// `account:ID`, `email:…`, `username:…`, `anonymous`; a bare value is an account id.
impl FromStr for Identity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        // Account ids hold colons themselves (`712020:…`), so only the known words cut.
        let identity = match text.split_once(':') {
            Some(("account", id)) => Self::Account(id.to_owned()),
            Some(("email", address)) => Self::Email(address.to_lowercase()),
            Some(("username", name)) => Self::Username(name.to_lowercase()),
            _ if text.eq_ignore_ascii_case("anonymous") => Self::Anonymous,
            _ => Self::Account(text.to_owned()),
        };
        match &identity {
            Self::Account(id) | Self::Email(id) | Self::Username(id) if id.is_empty() => {
                Err("expected account:ID, email:ADDRESS, username:NAME or anonymous".to_owned())
            }
            _ => Ok(identity),
        }
    }
}

/// A person of the directory snapshot and the groups they are in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Person {
    pub(crate) user: User,
    /// Ids and names of groups, both, since sources name them either way.
    pub(crate) groups: BTreeSet<String>,
    /// Keys of the spaces they have starred, where the source tells.
    pub(crate) starred_spaces: BTreeSet<String>,
}

/// What stands before content: a space or one content item.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum GateId {
    Space(SiteId, String),
    Content(SiteId, ContentId),
}

/// The form in which index rows name the gates of their lineage.
impl fmt::Display for GateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Space(site, key) => write!(f, "{}:s:{key}", site.0),
            Self::Content(site, id) => write!(f, "{}:c:{id}", site.0),
        }
    }
}

/// Who passes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum GateState {
    /// Everybody, also without an identity.
    Open,
    /// Everybody with an identity.
    Identified,
    Only {
        users: HashSet<String>,
        groups: HashSet<String>,
    },
    /// Nobody: what stands behind could not be read.
    Closed,
}

/// One gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Gate {
    pub(crate) id: GateId,
    pub(crate) state: GateState,
}

/// The asking identity, resolved against the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Viewer {
    Service,
    Anonymous {
        /// An identity was named, but the directory does not know it.
        unknown: bool,
    },
    Person(Person),
}

impl Viewer {
    /// Whether this viewer passes a gate. The service view passes all.
    pub(crate) fn passes(&self, gate: &GateState) -> bool {
        match (self, gate) {
            (Self::Service, _) | (_, GateState::Open) => true,
            (_, GateState::Closed) => false,
            (Self::Anonymous { .. }, _) => false,
            (Self::Person(_), GateState::Identified) => true,
            (Self::Person(person), GateState::Only { users, groups }) => {
                person.user.identifiers().any(|id| users.contains(&id))
                    || person.groups.iter().any(|group| groups.contains(group))
            }
        }
    }

    /// The person asking, if it is one.
    pub(crate) fn person(&self) -> Option<&Person> {
        match self {
            Self::Person(person) => Some(person),
            _ => None,
        }
    }
}

/// People and gates of everything in a store at one moment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Directory {
    pub(crate) people: Vec<Person>,
    /// Every gate that does not let everybody pass.
    pub(crate) gates: Vec<Gate>,
    /// Rises with every change of people, groups or gates.
    pub(crate) epoch: u64,
}

impl Directory {
    /// Who asks. A directory without any people cannot say that somebody is unknown,
    /// so it takes account ids and user names at their word: a person in no group.
    pub(crate) fn resolve(&self, identity: &Identity) -> Viewer {
        let unknown = Viewer::Anonymous { unknown: true };
        let wanted = |user: &User| match identity {
            Identity::Account(id) => user.account_id.as_ref() == Some(id),
            Identity::Email(address) => user
                .email
                .as_ref()
                .is_some_and(|email| email.to_lowercase() == *address),
            Identity::Username(name) => {
                let names = [&user.username, &user.user_key];
                names
                    .into_iter()
                    .flatten()
                    .any(|have| have.to_lowercase() == *name)
            }
            Identity::Service | Identity::Anonymous => false,
        };
        match identity {
            Identity::Service => return Viewer::Service,
            Identity::Anonymous => return Viewer::Anonymous { unknown: false },
            _ => {}
        }
        let mut found = self.people.iter().filter(|person| wanted(&person.user));
        match (found.next(), found.next()) {
            (Some(person), None) => Viewer::Person(person.clone()),
            // Two people share an e-mail address: rights may not add up.
            (Some(_), Some(_)) => unknown,
            (None, _) if !self.people.is_empty() => unknown,
            (None, _) => {
                let mut user = User::default();
                match identity {
                    Identity::Account(id) => user.account_id = Some(id.clone()),
                    Identity::Username(name) => user.username = Some(name.clone()),
                    _ => return unknown,
                }
                Viewer::Person(Person {
                    user,
                    ..Person::default()
                })
            }
        }
    }

    /// The gates that a viewer fails, in the form index rows name them.
    pub(crate) fn failed_gates(&self, viewer: &Viewer) -> Vec<String> {
        let failed = self.gates.iter().filter(|gate| !viewer.passes(&gate.state));
        failed.map(|gate| gate.id.to_string()).collect()
    }

    /// Display names by identifier, for mentions.
    pub(crate) fn names(&self) -> HashMap<String, String> {
        let named = self.people.iter().filter_map(|p| Some((p, p.user.name()?)));
        named
            .flat_map(|(p, name)| p.user.identifiers().map(|id| (id, name.to_owned())))
            .collect()
    }
}
